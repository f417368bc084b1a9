/* Preloaded into lb: while the file that LB_FAIL_CONNECT names has a line "PORT ERRNO", connects to
 * that port fail with that errno at once, as they do where the kernel lacks something or knows no
 * way. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static int failure_for(int port)
{
    const char *path = getenv("LB_FAIL_CONNECT");
    FILE *file = path ? fopen(path, "re") : NULL;
    int failing_port = 0, number = 0;
    if (file) {
        if (fscanf(file, "%d %d", &failing_port, &number) != 2)
            number = 0;
        fclose(file);
    }
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
