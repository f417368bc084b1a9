/* What the master knows, over exec: written into a memfd before the program becomes another one with the same process id, which reads
 * it. The descriptors in it keep their numbers. Whoever cannot read it says so before it has touched anything. */
#ifndef LB_MASTER_STATE_H
#define LB_MASTER_STATE_H

struct master;

/* Gives a memfd, close on exec. Fails: -errno. */
int state_write(const struct master *master);

/* Reads it into a master that has nothing yet. Borrows the memfd. Fails: -EPROTONOSUPPORT, of another version; -EBADMSG: it is not whole,
 * or its descriptors are not open; -errno. */
int state_read(struct master *master, int fd);

/* Whether it could be read. Fails as state_read, but does not look at the descriptors. */
int state_check(int fd);

/* Calls it with each descriptor that is to be open after exec. */
void state_each_fd(const struct master *master, void (*act)(int fd, void *owner), void *owner);

#endif
