// What a request costs before anybody has looked at it: Node's own server, and the very answer that it is handed, the same
// header fields in the same order. One request is like another to it.
import { createServer } from 'node:http';

const { headers, body, keepAliveMs } = JSON.parse(process.argv[2]);

const server = createServer({ keepAliveTimeout: keepAliveMs }, (_request, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => process.exit());
