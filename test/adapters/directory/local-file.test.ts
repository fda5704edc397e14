import { localFile } from '#adapters/directory/local-file.ts';
import { describeForeignFile } from '#test/contracts/foreign-file.contract.ts';

describeForeignFile('A local file', ({ path, maxBytes }) =>
  Promise.resolve(localFile(path, maxBytes === undefined ? {} : { maxBytes })),
);
