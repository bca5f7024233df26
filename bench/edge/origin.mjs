/** A process of its own: an origin that answers 1 KiB of JSON and does nothing else. Prints its port. */
import http from "node:http";

const body = JSON.stringify({ data: "x".repeat(1013) });
const server = http.createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
