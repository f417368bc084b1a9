#include "lb/config/config_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/config/config_kind.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

#define FILE_MAX_BYTES 1024

static bool refuse_file(const char *word, const char *path, const char *wrong, struct text *problem)
{
    text_appendf(problem, "--%s: ", word);
    config_value_append_quoted(view_str(path), problem);
    text_appendf(problem,
                 ": %s; give a file with a %s and nothing else, for example from "
                 "\"openssl rand -hex 32\"",
                 wrong, strcmp(word, "sticky-secret") == 0 ? "secret" : "token");
    return false;
}

/* All of the file, which is short. Fails: false, with errno. */
static bool read_file(const char *path, char bytes[FILE_MAX_BYTES], struct view *out,
                      bool *is_exposed)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
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
static bool keep(const char *word, const char *path, struct view secret, char **field,
                 struct text *problem)
{
    const struct config_setting *setting = config_table_find(&config_root, VIEW("admin-token"));
    struct text wrong = TEXT_INIT;
    bool is_good = setting->kind->parse(setting, trim_end(secret), field, &wrong);
    if (!is_good)
        refuse_file(word, path, text_str(&wrong), problem);
    text_fini(&wrong);
    return is_good;
}

static bool read_token(struct config *config, struct text *problem)
{
    char bytes[FILE_MAX_BYTES];
    struct view secret = view_str(config->admin_token);
    const char *path = config->admin_token_file;
    if (config->admin_token && path) {
        text_append_str(problem, "--admin-token: cannot be used together with "
                                 "--admin-token-file; give one of them");
        return false;
    }
    if (path && !read_file(path, bytes, &secret, &config->admin_token_is_exposed))
        return refuse_file("admin-token-file", path, strerror(errno), problem);
    return !secret.ptr || keep("admin-token-file", path, secret, &config->admin_secret, problem);
}

static bool read_sticky(struct config *config, struct text *problem)
{
    char bytes[FILE_MAX_BYTES];
    struct view secret;
    bool is_exposed;
    const char *path = config->sticky_secret_file;
    if (!path)
        return true;
    if (!read_file(path, bytes, &secret, &is_exposed))
        return refuse_file("sticky-secret", path, strerror(errno), problem);
    return keep("sticky-secret", path, secret, &config->sticky_secret, problem);
}

bool config_secret_read(struct config *config, struct text *problem)
{
    return read_token(config, problem) && read_sticky(config, problem);
}
