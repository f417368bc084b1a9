#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Until the master is here: what lb was. */
int main(int argc, char **argv)
{
    char path[4096];
    (void)argc;
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof("-proxy"));
    if (len < 0)
        return 1;
    memcpy(path + len, "-proxy", sizeof("-proxy"));
    execv(path, argv);
    perror(path);
    return 1;
}
