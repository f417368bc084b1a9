/* Listening sockets that systemd opened for the master (sd_listen_fds(3)): they are in the store from the start on, and who wants
 * their address gets them. The address alone decides: a socket's name (FileDescriptorName=) is only told, as what may be
 * listened on, for the admin pages above all, is judged by the settings. systemd holds them for as long as its unit is there, so the
 * master does, too: what nobody wants today a reload may ask for. Thread: the master's only one. */
#ifndef LB_MASTER_ACTIVATION_H
#define LB_MASTER_ACTIVATION_H

struct store;

/* Takes what the environment says is this process's, from descriptor 3 on, and takes the words out of the environment. What is no
 * listening TCP socket and no UDP socket is told and closed. To be called before other descriptors are opened there. */
void activation_take(struct store *store);

/* Tells of those that nobody wants, with the remedy: once all that the settings want was asked for. */
void activation_tell_unwanted(const struct store *store);

#endif
