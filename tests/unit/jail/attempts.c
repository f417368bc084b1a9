#include "tests/unit/jail/attempts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define NOWHERE "/nonexistent/at-all"
#define CALL(name, expression)                                                                     \
    static int name(void)                                                                          \
    {                                                                                              \
        errno = 0;                                                                                 \
        return (long)(expression) < 0 ? errno : 0;                                                 \
    }

/* ---- sockets --------------------------------------------------------------------------------- */

CALL(unix_socket, socket(AF_UNIX, SOCK_STREAM, 0))
CALL(unix_datagram, socket(AF_UNIX, SOCK_DGRAM, 0))
CALL(netlink_socket, socket(AF_NETLINK, SOCK_RAW, 0))
CALL(packet_socket, socket(AF_PACKET, SOCK_RAW, 0))
CALL(raw_socket, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP))
CALL(rare_socket, socket(AF_INET, SOCK_STREAM, 262)) /* IPPROTO_MPTCP, or not there */
CALL(alg_socket, socket(AF_ALG, SOCK_SEQPACKET, 0))

static int unix_pair(void)
{
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ? errno : 0;
}

static int unix_datagram_pair(void)
{
    int ends[2];
    return socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0 ? errno : 0;
}

static int bind_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
}

CALL(listen_anywhere, listen(socket(AF_INET, SOCK_STREAM, 0), 1))
CALL(accept_one, accept4(-1, NULL, NULL, 0))
CALL(accept_old, accept(-1, NULL, NULL))

/* ---- other programs -------------------------------------------------------------------------- */

static char *const no_words[] = {NULL};
CALL(exec, execve(NOWHERE, no_words, no_words))
CALL(exec_by_descriptor, syscall(SYS_execveat, -1, NOWHERE, no_words, no_words, 0))

static int fork_one(void)
{
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return pid < 0 ? errno : 0;
}

CALL(clone_newer, syscall(SYS_clone3, NULL, 0))
CALL(new_namespace, unshare(CLONE_NEWUTS))
CALL(other_namespace, setns(-1, 0))

/* ---- siblings -------------------------------------------------------------------------------- */

CALL(kill_parent, kill(getppid(), 0))
CALL(kill_all, kill(-getppid(), SIGURG))
CALL(signal_thread, syscall(SYS_tgkill, getppid(), getppid(), 0))
CALL(signal_by_thread_alone, syscall(SYS_tkill, getppid(), 0))
CALL(trace, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
CALL(open_process, syscall(SYS_pidfd_open, getppid(), 0))
CALL(take_descriptor, syscall(SYS_pidfd_getfd, -1, 0, 0))
CALL(signal_by_descriptor, syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0))
CALL(compare, syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0))
CALL(priority, setpriority(PRIO_PROCESS, 0, 0))
CALL(owner_of_signals, fcntl(STDIN_FILENO, F_SETOWN, getpid()))
CALL(number_of_signals, fcntl(STDIN_FILENO, F_SETSIG, SIGURG))

static int read_memory(void)
{
    char byte;
    struct iovec own = {&byte, 1}, other = {&byte, 1};
    return syscall(SYS_process_vm_readv, getpid(), &own, 1, &other, 1, 0) < 0 ? errno : 0;
}

static int write_memory(void)
{
    char byte = 0;
    struct iovec own = {&byte, 1}, other = {&byte, 1};
    return syscall(SYS_process_vm_writev, getpid(), &own, 1, &other, 1, 0) < 0 ? errno : 0;
}

static int limits_of_parent(void)
{
    struct rlimit limit;
    return prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit) < 0 ? errno : 0;
}

static int environment_of_parent(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)getppid());
    return open(path, O_RDONLY) < 0 ? errno : 0;
}

static int memory_of_parent(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
    return open(path, O_RDONLY) < 0 ? errno : 0;
}

/* ---- the kernel ------------------------------------------------------------------------------ */

CALL(ring, syscall(SYS_io_uring_setup, 0, NULL))
CALL(ring_enter, syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0))
CALL(bpf, syscall(SYS_bpf, 0, NULL, 0))
CALL(events, syscall(SYS_perf_event_open, NULL, 0, 0, -1, 0))
CALL(faults, syscall(SYS_userfaultfd, O_CLOEXEC))
CALL(key, syscall(SYS_keyctl, 0, -3, 0))
CALL(key_added, syscall(SYS_add_key, NULL, NULL, NULL, 0, 0))
CALL(key_asked, syscall(SYS_request_key, NULL, NULL, NULL, 0))
CALL(mounts, mount(NULL, NOWHERE, NULL, MS_REMOUNT, NULL))
CALL(unmounts, umount2(NOWHERE, 0))
CALL(mounts_newer, syscall(SYS_open_tree, -1, NOWHERE, 0))
CALL(root_folder, chroot(NOWHERE))
CALL(personality_of, syscall(SYS_personality, 0xffffffff))
CALL(module, syscall(SYS_init_module, NULL, 0, NULL))
CALL(open_newer, syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0))
CALL(open_by_handle, syscall(SYS_open_by_handle_at, -1, NULL, 0))
CALL(swap, syscall(SYS_swapon, NOWHERE, 0))
CALL(name_of_host, syscall(SYS_sethostname, NULL, -1))

/* ---- itself ---------------------------------------------------------------------------------- */

CALL(dumpable, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
CALL(tracer, prctl(PR_SET_PTRACER, getpid(), 0, 0, 0))
CALL(memory_file, syscall(SYS_memfd_create, "x", 0))
CALL(user, setuid(getuid()))
CALL(groups, syscall(SYS_setgroups, 0, NULL))
CALL(session, setsid())
CALL(terminal_input, ioctl(STDIN_FILENO, TIOCSTI, "x"))
CALL(mode_of_file, chmod(NOWHERE, 0777))
CALL(owner_of_file, chown(NOWHERE, 0, 0))
CALL(node, mknod(NOWHERE, S_IFIFO | 0600, 0))
CALL(link_of_file, symlink(NOWHERE, NOWHERE))
CALL(watch_files, inotify_init1(0))
CALL(remove_file, unlink(NOWHERE))
CALL(rename_file, rename(NOWHERE, NOWHERE))

static int powers(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    return syscall(SYS_capset, &header, data) < 0 ? errno : 0;
}

static int new_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? errno : 0;
}

static int changed_code(void)
{
    void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(at, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;
}

const struct attempt attempts_refused[] = {
    {"socket(AF_UNIX)", unix_socket, EPERM, ATTEMPT_PROXY | ATTEMPT_REPORT | ATTEMPT_ACME},
    {"socket(AF_UNIX, SOCK_DGRAM)", unix_datagram, EPERM, 0},
    {"socket(AF_NETLINK)", netlink_socket, EPERM, 0},
    {"socket(AF_PACKET)", packet_socket, EPERM, ATTEMPT_ROOT},
    {"socket(SOCK_RAW)", raw_socket, EPERM, ATTEMPT_ROOT},
    {"socket(MPTCP)", rare_socket, EPERM, 0},
    {"socket(AF_ALG)", alg_socket, EPERM, 0},
    {"socketpair", unix_pair, EPERM, ATTEMPT_PROXY},
    {"socketpair(SOCK_DGRAM)", unix_datagram_pair, EPERM, 0},
    {"bind", bind_port, EPERM, 0},
    {"listen", listen_anywhere, EPERM, 0},
    {"accept4", accept_one, EPERM, ATTEMPT_DISCOVERY | ATTEMPT_REPORT | ATTEMPT_ACMES},
    {"accept", accept_old, EPERM, ATTEMPT_DISCOVERY | ATTEMPT_REPORT | ATTEMPT_ACMES},
    {"execve", exec, EPERM, 0},
    {"execveat", exec_by_descriptor, EPERM, 0},
    {"fork", fork_one, EPERM, 0},
    {"clone3", clone_newer, ENOSYS, 0},
    {"unshare", new_namespace, EPERM, ATTEMPT_ROOT},
    {"setns", other_namespace, EPERM, 0},
    {"kill(parent)", kill_parent, EPERM, 0},
    {"kill(group)", kill_all, EPERM, 0},
    {"tgkill(parent)", signal_thread, EPERM, 0},
    {"tkill(parent)", signal_by_thread_alone, EPERM, 0},
    {"ptrace", trace, EPERM, 0},
    {"pidfd_open", open_process, EPERM, 0},
    {"pidfd_getfd", take_descriptor, EPERM, 0},
    {"pidfd_send_signal", signal_by_descriptor, EPERM, 0},
    {"kcmp", compare, EPERM, 0},
    {"setpriority", priority, EPERM, 0},
    {"fcntl(F_SETOWN)", owner_of_signals, EPERM, 0},
    {"fcntl(F_SETSIG)", number_of_signals, EPERM, 0},
    {"process_vm_readv", read_memory, EPERM, 0},
    {"process_vm_writev", write_memory, EPERM, 0},
    {"prlimit(parent)", limits_of_parent, EPERM, 0},
    {"environ of the parent", environment_of_parent, EACCES, 0},
    {"mem of the parent", memory_of_parent, EACCES, 0},
    {"io_uring_setup", ring, ENOSYS, 0},
    {"io_uring_enter", ring_enter, EPERM, 0},
    {"bpf", bpf, EPERM, ATTEMPT_ROOT},
    {"perf_event_open", events, EPERM, 0},
    {"userfaultfd", faults, EPERM, ATTEMPT_ROOT},
    {"keyctl", key, EPERM, 0},
    {"add_key", key_added, EPERM, 0},
    {"request_key", key_asked, EPERM, 0},
    {"mount", mounts, EPERM, 0},
    {"umount2", unmounts, EPERM, 0},
    {"open_tree", mounts_newer, EPERM, 0},
    {"chroot", root_folder, EPERM, 0},
    {"personality", personality_of, EPERM, 0},
    {"init_module", module, EPERM, ATTEMPT_ROOT},
    {"openat2", open_newer, ENOSYS, 0},
    {"open_by_handle_at", open_by_handle, EPERM, 0},
    {"swapon", swap, EPERM, ATTEMPT_ROOT},
    {"sethostname", name_of_host, EPERM, ATTEMPT_ROOT},
    {"prctl(PR_SET_DUMPABLE)", dumpable, EPERM, 0},
    {"prctl(PR_SET_PTRACER)", tracer, EPERM, 0},
    {"memfd_create", memory_file, EPERM, 0},
    {"setuid", user, EPERM, 0},
    {"setgroups", groups, EPERM, ATTEMPT_ROOT},
    {"setsid", session, EPERM, 0},
    {"ioctl(TIOCSTI)", terminal_input, EPERM, 0},
    {"chmod", mode_of_file, EPERM, 0},
    {"chown", owner_of_file, EPERM, 0},
    {"mknod", node, EPERM, 0},
    {"symlink", link_of_file, EPERM, ATTEMPT_PROXY | ATTEMPT_DISCOVERY | ATTEMPT_REPORT},
    {"inotify", watch_files, EPERM, ATTEMPT_PROXY | ATTEMPT_REPORT | ATTEMPT_ACMES},
    {"unlink", remove_file, EPERM, ATTEMPT_DISCOVERY | ATTEMPT_REPORT},
    {"rename", rename_file, EPERM, ATTEMPT_DISCOVERY | ATTEMPT_REPORT},
    {"capset", powers, EPERM, 0},
    {"mmap(PROT_EXEC)", new_code, EPERM, 0},
    {"mprotect(PROT_EXEC)", changed_code, EPERM, 0},
};
const size_t attempts_refused_count = sizeof(attempts_refused) / sizeof(attempts_refused[0]);

/* ---- what goes on ---------------------------------------------------------------------------- */

static void *nothing(void *argument)
{
    return argument;
}

static int thread_of_own(void)
{
    pthread_t thread;
    int rc = pthread_create(&thread, NULL, nothing, NULL);
    return rc ? rc : pthread_join(thread, NULL);
}

/* Nobody listens at port 1: it is the network that says so. */
static int connect_somewhere(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ? errno : 0;
    return rc == ECONNREFUSED || rc == EINPROGRESS ? 0 : rc;
}

static int datagrams(void)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct mmsghdr header = {.msg_len = 0};
    if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0 ||
        connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
        return errno;
    return sendmmsg(fd, &header, 1, 0) < 0 ? errno : 0;
}

static int localhost(void)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int rc = getaddrinfo("localhost", "80", &hints, &found);
    if (rc == 0)
        freeaddrinfo(found);
    return rc;
}

static int own_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    return folder ? closedir(folder) : errno;
}

static int much_memory(void)
{
    char *memory = malloc(64u << 20);
    if (!memory)
        return ENOMEM;
    memory[0] = 1;
    free(memory);
    return 0;
}

static int raised_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return errno;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? errno : 0;
}

static int pipes(void)
{
    int ends[2];
    return pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETPIPE_SZ, 4096) < 0 ? errno : 0;
}

CALL(doorbell, eventfd(0, EFD_CLOEXEC))
CALL(own_signal, kill(getpid(), 0))
CALL(ipv6_socket, socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0))
CALL(empty_file, open("/dev/null", O_RDWR))

const struct attempt attempts_allowed[] = {
    {"a thread", thread_of_own, 0, 0},
    {"connect", connect_somewhere, 0, 0},
    {"sendmmsg", datagrams, 0, 0},
    {"getaddrinfo(localhost)", localhost, 0, 0},
    {"/proc/self/fd", own_files, 0, 0},
    {"malloc", much_memory, 0, 0},
    {"setrlimit", raised_limit, 0, 0},
    {"pipe2", pipes, 0, 0},
    {"eventfd", doorbell, 0, 0},
    {"kill(self)", own_signal, 0, 0},
    {"/dev/null", empty_file, 0, 0},
    {"socket(AF_UNIX)", unix_socket, 0, ATTEMPT_DISCOVERY | ATTEMPT_ACME_UNIX},
    {"socketpair", unix_pair, 0, ATTEMPT_DISCOVERY | ATTEMPT_REPORT | ATTEMPT_ACMES},
    {"inotify", watch_files, 0, ATTEMPT_DISCOVERY},
    {"socket(AF_INET6)", ipv6_socket, 0, 0},
};
const size_t attempts_allowed_count = sizeof(attempts_allowed) / sizeof(attempts_allowed[0]);
