/**
 * The port by which read changes a mail that it passes on: nothing but what is named, every other byte stays as it came.
 *
 * What comes in is any bytes at all, and so is what is changed of them; nothing rejects. Line ends are those of the mail.
 */
export interface MailEditor {
  /** Takes the fields of that name out of the header, in whatever case and however folded. */
  fieldRemoval(name: string): FieldRemoval;
  /** With one more field, on top. `value` is printable ASCII, on one line. */
  addField(mail: Buffer, field: HeaderField): Buffer;
  /**
   * With more text behind the text that people read, or before everything else where there is none that may be changed. Undefined for a
   * mail that is so odd that readers would not agree about what becomes of it.
   */
  addText(mail: Buffer, text: string): Buffer | undefined;
}

/** Of one mail, which is pushed piece by piece, of any size. */
export interface FieldRemoval {
  /** What is to be passed on by now. */
  push(piece: Buffer): Buffer;
  /** What is left to pass on behind the last piece. */
  end(): Buffer;
}

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}
