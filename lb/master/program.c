#include "lb/master/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/contract/channel.h"

/* Out of the way of the standard streams and of CHANNEL_FD. Takes it. */
static int move_up(int fd)
{
    if (fd < 0 || fd > CHANNEL_FD)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, CHANNEL_FD + 1);
    int rc = higher < 0 ? -errno : higher;
    close(fd);
    return rc;
}

int program_find_own(char path[PROGRAM_PATH_BYTES])
{
    ssize_t len = readlink("/proc/self/exe", path, PROGRAM_PATH_BYTES - 1);
    if (len < 0)
        return -errno;
    path[len] = '\0';
    return 0;
}

int program_find_beside(const char *own, const char *name, char path[PROGRAM_PATH_BYTES])
{
    const char *slash = strrchr(own, '/');
    int folder = slash ? (int)(slash - own + 1) : 0;
    int len = snprintf(path, PROGRAM_PATH_BYTES, "%.*s%s", folder, own, name);
    return len < 0 || len >= (int)PROGRAM_PATH_BYTES ? -ENAMETOOLONG : 0;
}

int program_open(struct program *program)
{
    int fd = open(program->path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    program->fd = move_up(fd);
    return program->fd < 0 ? program->fd : 0;
}

void program_close(struct program *program)
{
    if (program->fd >= 0)
        close(program->fd);
    program->fd = -1;
}

/* A script cannot be read by its interpreter behind a descriptor that closes. */
static int execute(const struct program *program, const struct program_start *start)
{
    execveat(program->fd, "", start->arguments, start->environment, AT_EMPTY_PATH);
    if (errno == ENOENT || errno == ENOSYS) {
        fcntl(program->fd, F_SETFD, 0);
        fexecve(program->fd, start->arguments, start->environment);
    }
    return errno;
}

static void become(const struct program *program, const struct program_start *start)
{
    if (start->channel == CHANNEL_FD)
        fcntl(start->channel, F_SETFD, 0);
    else if (start->channel >= 0)
        dup2(start->channel, CHANNEL_FD);
    if (start->is_quiet) {
        setpgid(0, 0);
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    }
    bells_restore(start->bells);
    int error = execute(program, start);
    dprintf(STDERR_FILENO, "lb: %s cannot be started: %s; it belongs beside lb\n", program->path,
            strerror(error));
    _exit(127);
}

pid_t program_start(const struct program *program, const struct program_start *start)
{
    pid_t pid = fork();
    if (pid == 0)
        become(program, start);
    return pid < 0 ? -errno : pid;
}
