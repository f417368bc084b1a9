/* The id of one port of a container: "CONTAINER:PORT", and "CONTAINER:PORT/udp" where it is UDP, since
 * one port may be offered as both. Pure. Thread: any. */
#ifndef LB_CONTRACT_ENDPOINT_ID_H
#define LB_CONTRACT_ENDPOINT_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for all that follows the container, and for the end of the string. */
#define ENDPOINT_ID_PORT_BYTES sizeof(":65535/udp")

/* Writes the id, cut to `size` bytes. `protocol` is a word of FORMAT.md. */
void endpoint_id_format(const char *container, uint16_t port, const char *protocol, char *out,
                        size_t size);

/* Whether `id` is that of a port of `container`. */
bool endpoint_id_is_port_of(const char *id, const char *container);

#endif
