/* A socket that whoever started this program has left open for it, and told by a word of the environment. */
#ifndef LB_BASE_LENT_SOCKET_H
#define LB_BASE_LENT_SOCKET_H

/* The SOCK_SEQPACKET socket whose number stands under that name, closed at exec from now on; the word is gone from the
 * environment. -1: there is none. Before there are threads. */
int lent_socket_find(const char *name);

#endif
