#include "lb/proxy/tls_terms.h"

#include <string.h>

#include "lb/proxy/certificate_choice.h"
#include "lb/proxy/small_file.h"

#define NANOSECONDS           1000000000u
#define SERVER_NAME_MAX       253u
#define CERTIFICATE_BYTES_MAX 16384u

static struct tls_choice choose(void *owner, struct view server_name)
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

/* A small file, which a CA asks for a few times. */
static struct tls_identity *find_challenge(void *owner, struct view server_name)
{
    struct env *env = owner;
    char bytes[CERTIFICATE_BYTES_MAX];
    struct text path = TEXT_INIT, problem = TEXT_INIT;
    struct tls_identity *identity = NULL;
    if (!env->tls.acme_dir || !is_safe(server_name))
        return NULL;
    text_appendf(&path, "%s/alpn/%.*s.pem", env->tls.acme_dir, (int)server_name.len,
                 server_name.ptr);
    ssize_t count = small_file_read(text_str(&path), bytes, sizeof(bytes));
    if (count > 0)
        identity = tls_identity_read(view_of(bytes, (size_t)count), view_of(NULL, 0),
                                     (int64_t)(loop_wall_ns(env->loop) / NANOSECONDS), &problem);
    explicit_bzero(bytes, sizeof(bytes));
    text_fini(&path);
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
