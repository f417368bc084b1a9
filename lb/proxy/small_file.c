#include "lb/proxy/small_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

static ssize_t read_open(int fd, char *bytes, size_t room)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || (uint64_t)about.st_size > room)
        return -1;
    return read(fd, bytes, room);
}

ssize_t small_file_read(const char *path, char *bytes, size_t room)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t count = read_open(fd, bytes, room);
    close(fd);
    return count;
}
