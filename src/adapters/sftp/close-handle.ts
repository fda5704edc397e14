/** Gives back a file or a directory that the server opened. */
import type { SftpSession } from './sftp-session.ts';

/** Nothing depends on the answer, which never comes when the connection is lost: nobody waits for it. */
export function closeHandle(session: SftpSession, handle: Buffer): void {
  session
    .request((sftp, done) => {
      sftp.close(handle, (error) => {
        done(error ?? undefined);
      });
    })
    .catch(() => undefined);
}
