#include "lb/config/config_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/config/config_kind.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

#define FILE_MAX_BYTES 1024
#define PIPE_WAIT_MS   2000 /* for who writes, as in --admin-token-file <(pass lb) */

/* What stands in a file of its own. */
struct secret {
    const char *word; /* the setting that names the file */
    const char *of;   /* the setting that such a text could be given with */
    const char *remedy;
};

static const struct secret token = {"admin-token-file", "admin-token",
                                    "a token and nothing else, for example from "
                                    "\"openssl rand -hex 32\""};
static const struct secret sticky = {"sticky-secret", "admin-token",
                                     "a secret and nothing else, for example from "
                                     "\"openssl rand -hex 32\""};
static const struct secret dsn = {"sentry-dsn-file", "sentry-dsn",
                                  "the DSN of a Sentry project and nothing else"};

static const struct secret tickets = {"tls-ticket-keys", NULL,
                                      "1 to 3 keys of 80 random bytes each and nothing else, for "
                                      "example from \"openssl rand 80\""};

static bool refuse_file(const struct secret *secret, const char *path, const char *wrong,
                        struct text *problem)
{
    text_appendf(problem, "--%s: ", secret->word);
    config_value_append_quoted(view_str(path), problem);
    text_appendf(problem, ": %s; give a file with %s", wrong, secret->remedy);
    return false;
}

static bool refuse_both(const struct secret *secret, struct text *problem)
{
    text_appendf(problem, "--%s: cannot be used together with --%s; give one of them", secret->of,
                 secret->word);
    return false;
}

/* Nobody may ever write into a pipe. */
static void await_bytes(int fd)
{
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    poll(&wanted, 1, PIPE_WAIT_MS);
}

/* All of the file, which is short. Fails: false, with errno. */
static bool read_file(const char *path, char bytes[FILE_MAX_BYTES], struct view *out,
                      bool *is_exposed)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    await_bytes(fd);
    *is_exposed = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0;
    ssize_t count = read(fd, bytes, FILE_MAX_BYTES);
    int error = errno;
    close(fd);
    errno = error;
    *out = view_of(bytes, count > 0 ? (size_t)count : 0);
    return count >= 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct view trim_end(struct view secret)
{
    while (secret.len > 0 && is_space(secret.ptr[secret.len - 1]))
        secret.len--;
    return secret;
}

/* Takes what stands in the file, or was given itself, to `field`. */
static bool keep(const struct secret *secret, const char *path, struct view text, char **field,
                 struct text *problem)
{
    const struct config_setting *setting = config_table_find(&config_root, view_str(secret->of));
    struct text wrong = TEXT_INIT;
    if (path && trim_end(text).len == 0)
        return refuse_file(secret, path, "it is empty", problem);
    bool is_good = setting->kind->parse(setting, trim_end(text), field, &wrong);
    if (!is_good)
        refuse_file(secret, path, text_str(&wrong), problem);
    text_fini(&wrong);
    return is_good;
}

/* What is given itself, or stands in the file at `path`; at most one of them is not NULL. */
static bool read_secret(const struct secret *secret, const char *given, const char *path,
                        char **field, bool *is_exposed, struct text *problem)
{
    char bytes[FILE_MAX_BYTES];
    struct view text = view_str(given);
    if (given && path)
        return refuse_both(secret, problem);
    if (path && !read_file(path, bytes, &text, is_exposed))
        return refuse_file(secret, path, strerror(errno), problem);
    return !text.ptr || keep(secret, path, text, field, problem);
}

/* Bytes, not text. */
static bool read_ticket_keys(struct config_tls *tls, struct text *problem)
{
    char bytes[FILE_MAX_BYTES];
    struct view keys;
    if (!tls->ticket_keys_file)
        return true;
    if (!read_file(tls->ticket_keys_file, bytes, &keys, &tls->ticket_keys_are_exposed))
        return refuse_file(&tickets, tls->ticket_keys_file, strerror(errno), problem);
    if (keys.len == 0 || keys.len % CONFIG_TICKET_KEY_BYTES != 0 ||
        keys.len > CONFIG_TICKET_KEYS_MAX * CONFIG_TICKET_KEY_BYTES)
        return refuse_file(&tickets, tls->ticket_keys_file,
                           keys.len == 0 ? "it is empty" : "it has another size", problem);
    tls->ticket_keys = memory_copy(keys.ptr, keys.len);
    tls->ticket_key_bytes = keys.len;
    return true;
}

bool config_secret_read(struct config *config, struct text *problem)
{
    struct config_report *report = &config->report;
    bool ignored;
    return read_secret(&token, config->admin_token, config->admin_token_file, &config->admin_secret,
                       &config->admin_token_is_exposed, problem) &&
           read_secret(&sticky, NULL, config->sticky_secret_file, &config->sticky_secret, &ignored,
                       problem) &&
           read_secret(&dsn, report->dsn, report->dsn_file, &report->dsn_secret,
                       &report->dsn_is_exposed, problem) &&
           read_ticket_keys(&config->tls, problem);
}
