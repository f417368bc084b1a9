#include "lb/config/config_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/config/config_kind.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

#define FILE_MAX_BYTES 1024

static bool refuse_file(const struct config *config, const char *wrong, struct text *problem)
{
    text_append_str(problem, "--admin-token-file: ");
    config_value_append_quoted(view_str(config->admin_token_file), problem);
    text_appendf(problem,
                 ": %s; give a file with a token and nothing else, for example from "
                 "\"openssl rand -hex 32\"",
                 wrong);
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

bool config_secret_read(struct config *config, struct text *problem)
{
    char bytes[FILE_MAX_BYTES];
    struct view secret = view_str(config->admin_token);
    struct text wrong = TEXT_INIT;
    if (config->admin_token && config->admin_token_file) {
        text_append_str(problem, "--admin-token: cannot be used together with "
                                 "--admin-token-file; give one of them");
        return false;
    }
    if (config->admin_token_file &&
        !read_file(config->admin_token_file, bytes, &secret, &config->admin_token_is_exposed))
        return refuse_file(config, strerror(errno), problem);
    while (secret.len > 0 && is_space(secret.ptr[secret.len - 1]))
        secret.len--;
    const struct config_setting *setting = config_table_find(&config_root, VIEW("admin-token"));
    bool is_good =
        !secret.ptr || setting->kind->parse(setting, secret, &config->admin_secret, &wrong);
    if (!is_good)
        refuse_file(config, text_str(&wrong), problem);
    text_fini(&wrong);
    return is_good;
}
