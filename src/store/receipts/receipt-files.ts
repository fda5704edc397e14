/**
 * The receipts of journals that went into a snapshot, `DAY.N.receipts`: a session that is posted again is known after a restart as well.
 *
 * A file is written before the journals go, so each receipt of late is in a file or in a journal, whenever the process is killed. What is older
 * than a retry can be is removed with the next file, and so is what nobody would have room for in memory.
 */
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Disk } from '#support/disk.ts';
import { closeIfPossible, removeIfPossible, replaceFile } from '#support/durable-file.ts';
import { numberedFiles } from '#support/numbered-files.ts';
import { JournalReader, readUpTo } from '../durable/journal-reader.ts';
import { RECEIPT_BYTES, receiptsIn } from '../durable/receipts.ts';
import { MOST_RECEIPTS, RETRY_MS } from './receipt-table.ts';

const MAGIC = Buffer.from('TLSRPTR1', 'latin1');
const HEADER_BYTES = MAGIC.length + 4;
const EXTENSION = 'receipts';
const NAME = /^\d{4}-\d{2}-\d{2}\.\d{1,8}\.receipts$/;
const MOST_BYTES = MOST_RECEIPTS * RECEIPT_BYTES;

/** Those in the journals of a day, which may be removed afterwards. */
export function keepReceipts(disk: Disk, stem: string, nowMs: number): void {
  const receipts = latestIn(disk, stem);
  if (receipts.length === 0) return;
  const directory = dirname(stem);
  removeOld(disk, directory, nowMs);
  const last = numberedFiles(disk.list(directory), basename(stem), EXTENSION).at(-1)?.number ?? 0;
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(crc32(receipts), MAGIC.length);
  replaceFile(`${stem}.${String(last + 1)}.${EXTENSION}`, Buffer.concat([header, receipts]), disk);
}

/** Visits what is kept and what the journals of these days have, the latest last. What cannot be read is passed over. */
export function visitReceipts(
  disk: Disk,
  directory: string,
  days: readonly string[],
  visit: (receipt: Buffer) => void,
): void {
  // Journals first: what is in one that goes meanwhile is in a file by then.
  const journaled = days.map((day) => latestIn(disk, join(directory, day)));
  for (const { path } of filesIn(disk, directory)) visitEach(readFile(disk, path), visit);
  for (const receipts of journaled) visitEach(receipts, visit);
}

function visitEach(receipts: Buffer, visit: (receipt: Buffer) => void): void {
  for (let at = 0; at + RECEIPT_BYTES <= receipts.length; at += RECEIPT_BYTES)
    visit(receipts.subarray(at, at + RECEIPT_BYTES));
}

/** Of frames that count. */
function latestIn(disk: Disk, stem: string): Buffer {
  const reader = JournalReader.open(disk, stem);
  try {
    const found: Buffer[] = [];
    let bytes = 0;
    for (const frame of reader.frames((reader.firstFrame ?? 1) - 1)) {
      const receipts = receiptsIn(frame);
      if (receipts.length === 0) continue;
      found.push(Buffer.from(receipts)); // a copy: the frame is far larger
      bytes += receipts.length;
      while (bytes > MOST_BYTES && found.length > 1) bytes -= found.shift()?.length ?? 0;
    }
    return Buffer.concat(found);
  } finally {
    reader.close();
  }
}

function removeOld(disk: Disk, directory: string, nowMs: number): void {
  let bytes = 0;
  for (const { path, sizeBytes, modifiedMs } of filesIn(disk, directory).reverse()) {
    bytes += sizeBytes;
    if (bytes > MOST_BYTES || modifiedMs < nowMs - RETRY_MS) removeIfPossible(path, disk);
  }
}

interface ReceiptFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Oldest first. */
function filesIn(disk: Disk, directory: string): ReceiptFile[] {
  const names = disk.status(directory) ? disk.list(directory).filter((name) => NAME.test(name)) : [];
  return names
    .flatMap((name) => {
      const path = join(directory, name);
      const status = disk.status(path);
      return status ? [{ path, sizeBytes: status.sizeBytes, modifiedMs: status.modifiedMs }] : [];
    })
    .sort((one, other) => one.modifiedMs - other.modifiedMs);
}

/** None of a file that is not what was written. */
function readFile(disk: Disk, path: string): Buffer {
  const fd = disk.open(path, 'read');
  try {
    const bytes = readUpTo(disk, fd, 0, Math.min(disk.statusOf(fd).sizeBytes, HEADER_BYTES + 2 * MOST_BYTES));
    const receipts = bytes.subarray(HEADER_BYTES);
    const isWhole = bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
    return isWhole && bytes.readUInt32LE(MAGIC.length) === crc32(receipts) ? receipts : Buffer.alloc(0);
  } finally {
    closeIfPossible(fd, disk);
  }
}
