// graygelf's server: each message that it understood is a line of JSON on standard output, each datagram one with its
// size. Its port is the first line; the end of standard input ends it.
'use strict'
const GrayGelfServer = require('graygelf/server')

const say = (value) => process.stdout.write(JSON.stringify(value) + '\n')
const server = new GrayGelfServer()
server.on('message', (message) => say({ message }))
server.on('data', (datagram) => say({ bytes: datagram.length, begin: datagram.toString('hex', 0, 2) }))
server.on('error', (error) => say({ error: String(error) }))
server.listen(Number(process.argv[2]), '127.0.0.1')
server._udp.on('listening', () => say({ port: server._udp.address().port }))
process.stdin.on('end', () => process.exit(0)).resume()
