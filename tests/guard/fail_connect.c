/* Preloaded into lb: while the file that LB_FAIL_CONNECT names says "PORT ERRNO", connects to that port fail with that
 * errno at once, as they do where the kernel lacks something or knows no way. The file is opened at the start: a program
 * in a jail could not do it later. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int told = -1;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("LB_FAIL_CONNECT");
    if (path)
        told = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int failure_for(int port)
{
    char said[32] = "";
    int failing_port = 0, number = 0;
    if (pread(told, said, sizeof(said) - 1, 0) <= 0 ||
        sscanf(said, "%d %d", &failing_port, &number) != 2)
        return 0;
    return port == failing_port ? number : 0;
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    static int (*next)(int, const struct sockaddr *, socklen_t);
    if (!next)
        *(void **)(&next) = dlsym(RTLD_NEXT, "connect");
    int number = to->sa_family == AF_INET
                     ? failure_for(ntohs(((const struct sockaddr_in *)to)->sin_port))
                     : 0;
    if (number == 0)
        return next(fd, to, len);
    errno = number;
    return -1;
}
