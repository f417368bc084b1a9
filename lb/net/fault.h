/* Whose fault it is that a connection cannot be opened or accepted. What the kernel refuses at once
 * (descriptors, memory, local ports, no route) is lb's own, or its machine's: it says nothing of the
 * server, to which nothing was sent. */
#ifndef LB_NET_FAULT_H
#define LB_NET_FAULT_H

#include <stdbool.h>

/* `status`: a negative libuv error that stream_connect returned. Later ones (on_connected) come
 * from the network, and are the server's. */
bool fault_is_own(int status);

/* No descriptor was to be had; closing one of lb's may help. */
bool fault_is_shortage(int status);

/* What it is and what can be done, as words for the operator. Static. */
const char *fault_remedy(int status);

#endif
