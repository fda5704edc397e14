import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCredentials, shownValue, withoutCredentials } from '#sys4/configuration/hide-credentials.ts';

describe('withoutCredentials', () => {
  it.each([
    ['curl --proxy http://me:SECRET@proxy.example:3128 -s', 'curl --proxy http://me:***@proxy.example:3128 -s'],
    ['curl -x me:SEC@RET@proxy:1', 'curl -x me:***@proxy:1'],
    ['curl -xme:SECRET@proxy:1', 'curl -xme:***@proxy:1'],
    ["curl --proxy='http://me:SECRET@proxy'", "curl --proxy='http://me:***@proxy'"],
    ['curl --proxy-user me:SECRET -s', 'curl --proxy-user *** -s'],
    ['curl --proxy-user="me:SECRET and SECRET" -s', 'curl --proxy-user=*** -s'],
    ['curl -U me:SECRET', 'curl -U ***'],
    ['curl -sSUme:SECRET -f', 'curl -sSU*** -f'],
    ["curl -sSu 'me:SECRET and SECRET' -f", 'curl -sSu *** -f'],
    ['curl --user me:"SECRET', 'curl --user ***'],
    ["curl -U 'me:SECRET -s and SECRET", 'curl -U ***'],
    [String.raw`curl -u me:SEC\ RET -s`, 'curl -u *** -s'],
    ['curl -E /etc/cert.pem:SECRET', 'curl -E ***'],
    ['curl --pass SECRET --proxy-pass=SECRET', 'curl --pass *** --proxy-pass=***'],
    ['curl --oauth2-bearer SECRET', 'curl --oauth2-bearer ***'],
    ['curl -H "Authorization: Basic SECRET" -s', 'curl -H "Authorization: ***" -s'],
    ["curl -H 'X-Api-Key: SECRET'", "curl -H 'X-Api-Key: ***'"],
    ['curl -b session=SECRET -s', 'curl -b *** -s'],
    ['SSHPASS=SECRET sshpass -e ssh mx1', 'SSHPASS=*** sshpass -e ssh mx1'],
    ['env "API_TOKEN=SECRET" post', 'env "API_TOKEN=***'],
    ['sshpass -pHUNTER2 ssh mx1 tlsrpt-fetcher', 'sshpass -p*** ssh mx1 tlsrpt-fetcher'],
    ['mysql://me:SECRET@db.example/tlsrpt', 'mysql://me:***@db.example/tlsrpt'],
    ['post --password SECRET --to x', 'post --password *** --to x'],
    ['curl -x http://me:SEC/RET@proxy.example:3128 -s', 'curl -x http://me:***@proxy.example:3128 -s'],
    ['curl "https://sink.example/in?token=SECRET&x=1"', 'curl "https://sink.example/in?token=***&x=1"'],
    ['curl -H "Private-Token: SECRET"', 'curl -H "Private-Token: ***"'],
    ['AWS_SECRET_ACCESS_KEY=SECRET post', 'AWS_SECRET_ACCESS_KEY=*** post'],
    ['MYSQL_PWD=SECRET post', 'MYSQL_PWD=*** post'],
    ['plink -pw SECRET mx1 tlsrpt-fetcher', 'plink -pw *** mx1 tlsrpt-fetcher'],
    ['swaks -au me -ap SECRET', 'swaks -au me -ap ***'],
    ['http -a me:SECRET POST https://sink.example/', 'http -a *** POST https://sink.example/'],
    ['sshpass -v -P word -p SECRET ssh mx1', 'sshpass -v -P word -p *** ssh mx1'],
    ['curl -H X-Auth: SECRET -s', 'curl -H X-Auth: ***'],
    ['curl -sSH "X-Ours: SECRET" -f', 'curl -sSH "X-Ours: ***" -f'],
    ["wget --header='X-Auth: SECRET' -O -", "wget --header='X-Auth: ***' -O -"],
    ['wget -qO- https://sink.example/in?key=SECRET', 'wget -qO- https://sink.example/in?key=***'],
    ['wget https://sink.example/in?x=1&auth=SECRET&y=2', 'wget https://sink.example/in?x=1&auth=***&y=2'],
    ['sshpass -e -p SECRET ssh mx1', 'sshpass -e -p *** ssh mx1'],
    ['sshpass -ep SECRET ssh mx1', 'sshpass -ep *** ssh mx1'],
    ['sshpass -vpHUNTER2 ssh mx1', 'sshpass -vp*** ssh mx1'],
  ])('shows %s as %s', (text, shown) => {
    expect([withoutCredentials(text), hasCredentials(text)]).toEqual([shown, true]);
  });

  it.each([
    'curl --silent --header "Content-Type: application/tlsrpt+gzip" --data-binary @-',
    'curl -x http://proxy.example:3128 -o /dev/null -XPUT',
    'curl --proxy-user me',
    'curl -H "Accept: */*" -H Content-Type: application/tlsrpt+gzip -s',
    'sudo -H -u tlsrpt tlsrpt-fetcher',
    'docker -H tcp://mx1.example exec collector tlsrpt-fetcher',
    'docker -H mx1.example:2375 exec collector tlsrpt-fetcher',
    'docker -H mx1:2375 exec collector tlsrpt-fetcher',
    'https://sink.example/in?monkey=1&turkey=2',
    'sendmail -i -t -f bounces@example.com',
    'sudo -u tlsrpt tlsrpt-fetcher --config_file /etc/tlsrpt/fetcher.cfg',
    'docker exec -u tlsrpt:tlsrpt collector tlsrpt-fetcher',
    'sshpass -f /etc/pass ssh -p 2222 tlsrpt@mx1.example tlsrpt-fetcher',
    'ssh mx1 cd /var/lib/tlsrpt && tlsrpt-fetcher',
    'https://test.example:8443/reports?for=a@b',
    'ssh -p 2222 tlsrpt@mx1.example tlsrpt-fetcher',
    'sftp://tlsrpt@mx1.example:22/var/lib/tlsrpt',
    'mailto:tls@example.com',
    'sqlite:///var/lib/tlsrpt/collectd.sqlite',
    'Example TLS: reports <noreply@example.com>',
    'https://test.example:8443/v1@2',
  ])('leaves %s as it is', (text) => {
    expect([withoutCredentials(text), hasCredentials(text)]).toEqual([text, false]);
  });

  it('shows nothing of what a key is named a secret', () => {
    expect(shownValue('http_password', 'hunter2')).toBe('***');
    expect(shownValue('http_script', 'curl')).toBe('curl');
  });

  it('shows no password, in whatever order and quotes options stand', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9!#$%&*+,.;<>^_~-]{4,12}$/).map((text) => `Zq${text}`);
    const other = fc.constantFrom('-s', '--fail', '-o x', '-H "A: b"', "'quoted words'", '@-', '--max-time 5');
    const given = (word: string): fc.Arbitrary<string> =>
      fc.constantFrom(
        ...[`-U ${word}`, `-u '${word}'`, `--proxy-user "${word}"`, `--user=${word}`, `-sSu${word}`],
        `-x http://${word}@proxy:3128`,
      );
    const command = fc
      .tuple(secret, fc.array(other, { maxLength: 3 }), fc.array(other, { maxLength: 3 }))
      .chain(([password, before, after]) =>
        given(`me:${password}`).map((option) => ({ password, text: ['curl', ...before, option, ...after].join(' ') })),
      );
    fc.assert(
      fc.property(command, ({ password, text }) => {
        expect(withoutCredentials(text)).not.toContain(password);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
