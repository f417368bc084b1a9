/* Sockets that systemd has opened (sd_listen_fds(3)). */
#ifndef LB_MASTER_ACTIVATION_H
#define LB_MASTER_ACTIVATION_H

struct store;

/* Takes those that the environment tells of into the store (store_inherit). */
void activation_take(struct store *store);

#endif
