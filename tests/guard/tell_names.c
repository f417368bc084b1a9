/* Preloaded into a program: the system's resolver says what the file that LB_TELL_NAMES names says,
 * which a test replaces at any time. A line is NAME and its addresses; NAME alone has none; one
 * that is not listed is never answered. Names without a letter, and all where there is no file, are
 * answered as ever. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static resolve *next_getaddrinfo;

__attribute__((constructor)) static void start(void)
{
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&next_getaddrinfo, &symbol, sizeof(symbol));
}

/* The line of that name, after the name. Fails: false. */
static int find_line(const char *path, const char *name, char *line, size_t size, char **rest)
{
    FILE *file = fopen(path, "re");
    int is_found = 0;
    while (file && !is_found && fgets(line, (int)size, file))
        is_found = strcmp(strtok_r(line, " \n", rest), name) == 0;
    if (file)
        fclose(file);
    return is_found;
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints,
                struct addrinfo **out)
{
    const char *path = getenv("LB_TELL_NAMES");
    char line[1024], *rest = NULL, *address;
    struct addrinfo numeric = *hints, **end = out;
    if (!path)
        return next_getaddrinfo(name, port, hints, out);
    while (!find_line(path, name, line, sizeof(line), &rest))
        usleep(20000);
    numeric.ai_flags |= AI_NUMERICHOST;
    *out = NULL;
    while ((address = strtok_r(NULL, " \n", &rest))) {
        if (next_getaddrinfo(address, port, &numeric, end) == 0)
            end = &(*end)->ai_next;
    }
    return *out ? 0 : EAI_NONAME;
}
