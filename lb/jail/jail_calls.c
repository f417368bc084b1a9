#include "lb/jail/jail_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

#define TYPE_BITS  0xfu /* of socket(): the others are SOCK_CLOEXEC and SOCK_NONBLOCK */
#define NAMESPACES 0x7e020080u
#define ANON_NAME  0x53564d41 /* PR_SET_VMA: malloc of newer C libraries names what it maps */
#define PREEMINENT 255

/* What a request is made of: first in the filter. */
static const int hot[] = {
    SCMP_SYS(read),         SCMP_SYS(write),   SCMP_SYS(readv),      SCMP_SYS(writev),
    SCMP_SYS(sendmsg),      SCMP_SYS(recvmsg), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),    SCMP_SYS(accept4), SCMP_SYS(splice),     SCMP_SYS(sendto),
    SCMP_SYS(recvfrom),     SCMP_SYS(close),   SCMP_SYS(connect),    SCMP_SYS(futex),
    SCMP_SYS(epoll_pwait2),
};

/* Whatever is asked for with them. */
static const int plain[] = {
    /* what is open */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2),
    SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(lseek), SCMP_SYS(dup), SCMP_SYS(dup2),
    SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(fstat), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fadvise64), SCMP_SYS(flock),
    SCMP_SYS(eventfd2), SCMP_SYS(signalfd4), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime),
    /* files: which of them is Landlock's matter */
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
    SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
    /* sockets that are there, or come by accept */
    SCMP_SYS(connect), SCMP_SYS(shutdown), SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
    /* waiting, and time */
    SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(times), SCMP_SYS(pause), SCMP_SYS(restart_syscall),
    /* memory and threads */
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
    SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(membarrier),
    SCMP_SYS(set_tid_address), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(getcpu),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* signals to itself */
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(sigaltstack),
    /* who and where it is */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(getgroups),
    SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
    SCMP_SYS(setrlimit), SCMP_SYS(getrandom), SCMP_SYS(capget)};

/* lb-proxy's alone: listening sockets that it was given, and the files of orders and keys. */
static const int of_proxy[] = {SCMP_SYS(accept), SCMP_SYS(accept4),  SCMP_SYS(splice),
                               SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
                               SCMP_SYS(unlink), SCMP_SYS(unlinkat)};

/* lb-discovery's alone: it looks whether a file changes. */
static const int of_discovery[] = {SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch),
                                   SCMP_SYS(inotify_rm_watch)};

/* lb-acme's alone: files that take the place of others, their folders and links. */
static const int of_acme[] = {SCMP_SYS(rename),   SCMP_SYS(renameat), SCMP_SYS(renameat2),
                              SCMP_SYS(unlink),   SCMP_SYS(unlinkat), SCMP_SYS(mkdir),
                              SCMP_SYS(mkdirat),  SCMP_SYS(rmdir),    SCMP_SYS(symlink),
                              SCMP_SYS(symlinkat)};

/* What libraries try, to do it in an older way where the kernel has it not. The older clone shows its flags,
 * these three show a filter nothing. */
static const int unheard_of[] = {SCMP_SYS(clone3), SCMP_SYS(openat2), SCMP_SYS(io_uring_setup)};

/* Calls that are allowed with these values of one argument. */
static const struct choice {
    int call;
    unsigned at;
    unsigned value;
} choices[] = {
    {SCMP_SYS(fcntl), 1, F_DUPFD},
    {SCMP_SYS(fcntl), 1, F_DUPFD_CLOEXEC},
    {SCMP_SYS(fcntl), 1, F_GETFD},
    {SCMP_SYS(fcntl), 1, F_SETFD},
    {SCMP_SYS(fcntl), 1, F_GETFL},
    {SCMP_SYS(fcntl), 1, F_SETFL}, /* but no F_SETOWN, which sends signals to others */
    {SCMP_SYS(fcntl), 1, F_GETLK},
    {SCMP_SYS(fcntl), 1, F_SETLK},
    {SCMP_SYS(fcntl), 1, F_SETPIPE_SZ},
    {SCMP_SYS(fcntl), 1, F_GETPIPE_SZ},
    {SCMP_SYS(fcntl), 1, F_ADD_SEALS},
    {SCMP_SYS(fcntl), 1, F_GET_SEALS},
    {SCMP_SYS(ioctl), 1, FIONBIO},
    {SCMP_SYS(ioctl), 1, FIONREAD},
    {SCMP_SYS(ioctl), 1, FIOCLEX},
    {SCMP_SYS(ioctl), 1, FIONCLEX},
    {SCMP_SYS(ioctl), 1, TCGETS}, /* isatty */
    {SCMP_SYS(ioctl), 1, TIOCGWINSZ},
    {SCMP_SYS(ioctl), 1, SIOCOUTQ},
    {SCMP_SYS(ioctl), 1, SIOCGIFCONF}, /* addresses of this machine, and their interfaces */
    {SCMP_SYS(ioctl), 1, SIOCGIFINDEX},
    {SCMP_SYS(ioctl), 1, SIOCGIFNAME},
    {SCMP_SYS(prctl), 0, PR_SET_NAME},
    {SCMP_SYS(prctl), 0, PR_GET_NAME},
    {SCMP_SYS(prctl), 0, PR_GET_DUMPABLE},
    {SCMP_SYS(prctl), 0, PR_GET_SECCOMP},
    {SCMP_SYS(prctl), 0, PR_GET_NO_NEW_PRIVS},
    {SCMP_SYS(prctl), 0, ANON_NAME},
    {SCMP_SYS(prlimit64), 0, 0},
    {SCMP_SYS(landlock_create_ruleset), 2, 1}, /* which version there is */
};

/* By which a process sends a signal, the pid first. */
static const int own_pid_only[] = {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo),
                                   SCMP_SYS(rt_tgsigqueueinfo)};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct scmp_arg_cmp equal(unsigned at, uint64_t value)
{
    return (struct scmp_arg_cmp){.arg = at, .op = SCMP_CMP_EQ, .datum_a = value};
}

/* The bits of `mask` are those of `value`. */
static struct scmp_arg_cmp masked(unsigned at, uint64_t mask, uint64_t value)
{
    return (struct scmp_arg_cmp){
        .arg = at, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};
}

static int allow(scmp_filter_ctx filter, int call, unsigned count,
                 const struct scmp_arg_cmp *conditions)
{
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, conditions);
}

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = allow(filter, calls[i], 0, NULL);
    return rc;
}

static int allow_choices(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < COUNT(choices) && rc == 0; i++) {
        struct scmp_arg_cmp condition = equal(choices[i].at, choices[i].value);
        rc = allow(filter, choices[i].call, 1, &condition);
    }
    return rc;
}

/* TCP and UDP, no raw sockets and none of the rarer protocols of these families. */
static int allow_network(scmp_filter_ctx filter)
{
    static const struct {
        unsigned type, protocol;
    } kinds[] = {
        {SOCK_STREAM, 0}, {SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, 0}, {SOCK_DGRAM, IPPROTO_UDP}};
    static const unsigned families[] = {AF_INET, AF_INET6};
    int rc = 0;
    for (size_t i = 0; i < COUNT(kinds) * COUNT(families) && rc == 0; i++) {
        struct scmp_arg_cmp conditions[] = {equal(0, families[i % COUNT(families)]),
                                            masked(1, TYPE_BITS, kinds[i / COUNT(families)].type),
                                            equal(2, kinds[i / COUNT(families)].protocol)};
        rc = allow(filter, SCMP_SYS(socket), COUNT(conditions), conditions);
    }
    return rc;
}

static int allow_unix(scmp_filter_ctx filter, int call)
{
    struct scmp_arg_cmp conditions[] = {equal(0, AF_UNIX), masked(1, TYPE_BITS, SOCK_STREAM)};
    return allow(filter, call, COUNT(conditions), conditions);
}

/* What the programs differ in. libcurl wakes its own threads by a pair of sockets. */
static int allow_own(scmp_filter_ctx filter, enum jail_kind kind)
{
    if (kind == JAIL_PROXY)
        return allow_all(filter, of_proxy, COUNT(of_proxy));
    int rc = allow_unix(filter, SCMP_SYS(socketpair));
    if (rc == 0 && (kind == JAIL_ACME || kind == JAIL_ACME_UNIX))
        rc = allow_all(filter, of_acme, COUNT(of_acme));
    if (rc == 0 && (kind == JAIL_DISCOVERY || kind == JAIL_ACME_UNIX))
        rc = allow_unix(filter, SCMP_SYS(socket));
    if (rc == 0 && kind == JAIL_DISCOVERY)
        rc = allow_all(filter, of_discovery, COUNT(of_discovery));
    return rc;
}

/* Memory that does not hold code, threads of this process. */
static int allow_memory(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp no_code = masked(2, PROT_EXEC, 0);
    struct scmp_arg_cmp thread = masked(0, CLONE_THREAD | NAMESPACES, CLONE_THREAD);
    int rc = allow(filter, SCMP_SYS(mmap), 1, &no_code);
    if (rc == 0)
        rc = allow(filter, SCMP_SYS(mprotect), 1, &no_code);
    return rc == 0 ? allow(filter, SCMP_SYS(clone), 1, &thread) : rc;
}

static int allow_itself(scmp_filter_ctx filter, int pid)
{
    int rc = 0;
    for (size_t i = 0; i < COUNT(own_pid_only) && rc == 0; i++) {
        struct scmp_arg_cmp condition = equal(0, (uint64_t)pid);
        rc = allow(filter, own_pid_only[i], 1, &condition);
    }
    return rc;
}

static int disown(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < COUNT(unheard_of) && rc == 0; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), unheard_of[i], 0);
    return rc;
}

static int put_first(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < COUNT(hot) && rc == 0; i++)
        rc = seccomp_syscall_priority(filter, hot[i], (uint8_t)(PREEMINENT - i));
    return rc;
}

int jail_calls_add(scmp_filter_ctx filter, enum jail_kind kind, int pid)
{
    int rc = put_first(filter);
    if (rc == 0)
        rc = allow_all(filter, plain, COUNT(plain));
    if (rc == 0)
        rc = allow_own(filter, kind);
    if (rc == 0)
        rc = allow_choices(filter);
    if (rc == 0)
        rc = allow_network(filter);
    if (rc == 0)
        rc = allow_memory(filter);
    if (rc == 0)
        rc = allow_itself(filter, pid);
    return rc == 0 ? disown(filter) : rc;
}

/* A machine has calls by numbers of others (32 bit, x32), which mean something else: they are like those that
 * are not allowed. The filter is a tree, where a list would be walked to its end. Kernels before 5.16 would also turn
 * off guesses about memory (SSBD), which slows down all; that is for who runs code of strangers. */
static int load(scmp_filter_ctx filter, uint32_t otherwise, enum jail_kind kind)
{
    int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, otherwise);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (rc == 0)
        rc = jail_calls_add(filter, kind, getpid());
    return rc == 0 ? seccomp_load(filter) : rc;
}

int jail_calls_load(bool is_log, enum jail_kind kind)
{
    uint32_t otherwise = is_log ? SCMP_ACT_LOG : SCMP_ACT_ERRNO(EPERM);
    scmp_filter_ctx filter = seccomp_init(otherwise);
    if (!filter)
        return -ENOMEM;
    int rc = load(filter, otherwise, kind);
    seccomp_release(filter);
    malloc_trim(0); /* the filter took 150 kB while it was made */
    return rc;
}
