/* Where GELF goes: "udp://HOST[:PORT]" or "tcp://HOST[:PORT]", IPv6 addresses in brackets. Pure. */
#ifndef LB_GELF_GELF_URL_H
#define LB_GELF_GELF_URL_H

#include <stdbool.h>
#include <stdint.h>

#define GELF_URL_PORT       12201 /* where none is given */
#define GELF_URL_HOST_BYTES 256
#define GELF_URL_ACCEPTED   "udp://HOST[:PORT] or tcp://HOST[:PORT]"

enum gelf_transport { GELF_UDP, GELF_TCP };

struct gelf_url {
    enum gelf_transport transport;
    char host[GELF_URL_HOST_BYTES]; /* a name or an address, without brackets */
    uint16_t port;
};

/* Fails: false, `*out` unchanged, and `*problem` says what is wrong (a constant). */
bool gelf_url_parse(const char *text, struct gelf_url *out, const char **problem);

#endif
