#include "lb/proxy/tls_terms.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/proxy/certificate_choice.h"

#define NANOSECONDS           1000000000u
#define SERVER_NAME_MAX       253u
#define CERTIFICATE_BYTES_MAX 16384u
#define CHALLENGE_PATH_BYTES  4096u

static const struct tls_host *choose(void *owner, struct view server_name)
{
    return certificate_choice_find(owner, server_name);
}

/* ---- TLS-ALPN-01 (RFC 8737) ------------------------------------------------------------------- */

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* It becomes a part of a path. */
static bool is_safe(struct view name)
{
    if (name.len == 0 || name.len > SERVER_NAME_MAX || name.ptr[0] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_of_name(name.ptr[i]) || (name.ptr[i] == '.' && i > 0 && name.ptr[i - 1] == '.'))
            return false;
    return true;
}

/* -1: there is none, or nothing that may be read. */
static int open_file(const char *directory, struct view name)
{
    char path[CHALLENGE_PATH_BYTES];
    struct stat info;
    int len = snprintf(path, sizeof(path), "%s/alpn/%.*s.pem", directory, (int)name.len, name.ptr);
    if (len < 0 || (size_t)len >= sizeof(path))
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* A small file, which a CA asks for a few times. */
static struct tls_identity *find_challenge(void *owner, struct view server_name)
{
    struct env *env = owner;
    char bytes[CERTIFICATE_BYTES_MAX];
    struct text problem = TEXT_INIT;
    struct tls_identity *identity = NULL;
    int fd =
        env->tls.acme_dir && is_safe(server_name) ? open_file(env->tls.acme_dir, server_name) : -1;
    if (fd < 0)
        return NULL;
    ssize_t count = read(fd, bytes, sizeof(bytes));
    close(fd);
    if (count > 0 && (size_t)count < sizeof(bytes))
        identity = tls_identity_read(view_of(bytes, (size_t)count), view_of(NULL, 0),
                                     (int64_t)(loop_wall_ns(env->loop) / NANOSECONDS), &problem);
    explicit_bzero(bytes, sizeof(bytes));
    text_fini(&problem);
    return identity;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static bool is_same(const struct env_tls_options *a, const struct env_tls_options *b)
{
    return a->policy == b->policy && a->tickets == b->tickets;
}

bool tls_terms_take(struct env *env, const struct env_tls_options *options, struct text *problem)
{
    const struct tls_server_options terms = {.policy = options->policy,
                                             .tickets = options->tickets,
                                             .choose = choose,
                                             .find_challenge = find_challenge,
                                             .owner = env};
    env->tls.acme_dir = options->acme_dir; /* that before is about to be freed */
    if (!options->is_spoken || (env->tls_server && is_same(&env->tls, options)))
        return true;
    struct tls_server *next = tls_server_new(&terms, problem);
    if (!next)
        return false;
    tls_server_free(env->tls_server);
    env->tls_server = env->crowd.tls_server = next;
    env->tls = *options;
    return true;
}
