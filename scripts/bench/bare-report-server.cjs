/**
 * Reads what is posted and answers 201. With two words, those are its certificate and key.
 */
const { readFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');

const [, , cert, key] = process.argv;
const answer = (request, response) => {
  request.resume().once('end', () => {
    response.writeHead(201).end();
  });
};
const server = cert
  ? https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, answer)
  : http.createServer(answer);
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`${cert ? 'https' : 'http'}://127.0.0.1:${String(server.address().port)}/v1/reports\n`);
});
