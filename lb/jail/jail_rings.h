/* libuv from 1.49 on gives each loop an io_uring, whatever UV_USE_IO_URING says (that is for another kind of ring), and ends the
 * program when it may not use it any more. A jail that knows nothing of rings has to be entered in two steps then. */
#ifndef LB_JAIL_JAIL_RINGS_H
#define LB_JAIL_JAIL_RINGS_H

/* Before the first loop is made, in a process that will enter its jail: there are no rings in this kernel, as far as it can
 * see (ENOSYS), and it gets no new privileges. Fails silently, without seccomp, which jail_enter then says. */
void jail_rings_forbid(void);

#endif
