import { describe, expect, it } from 'vitest';
import { askServer } from '#adapters/dns/dns-exchange.ts';

describe('A name server', () => {
  it('that no packet can be sent to gives the reason, as one that is silent does', async () => {
    const server = { address: '255.255.255.255', port: 53 }; // the kernel refuses it (EACCES) before anything is sent
    const asked = askServer(server, { name: 'a.example', type: 'TXT', isChecked: true }, 10_000);
    await expect(asked).rejects.toMatchObject({ code: 'EACCES', syscall: 'connect' });
  });
});
