#include "discovery/net/fetch_token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/view.h"

static struct view trim(struct view v)
{
    while (v.len > 0 && strchr(" \t\r\n", v.ptr[0]) && v.ptr[0] != '\0')
        v = view_skip(v, 1);
    while (v.len > 0 && strchr(" \t\r\n", v.ptr[v.len - 1]) && v.ptr[v.len - 1] != '\0')
        v.len--;
    return v;
}

/* Nothing that could end the header, or begin another one. */
static bool is_token(struct view v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.ptr[i] <= ' ' || v.ptr[i] > '~')
            return false;
    return v.len > 0 && v.len <= FETCH_TOKEN_BYTES_MAX;
}

/* Fails: false, and nothing has changed. */
static bool take(struct fetch_token *token, struct view value)
{
    value = trim(value);
    if (!is_token(value))
        return false;
    snprintf(token->line, sizeof(token->line), "%.64s: %.*s", token->options.header, (int)value.len,
             value.ptr);
    return true;
}

void fetch_token_init(struct fetch_token *token, const struct fetch_token_options *options)
{
    memset(token, 0, sizeof(*token));
    token->options = *options;
    struct view value = view_str(options->token);
    if (value.len > 0 && !take(token, value))
        snprintf(
            token->problem, sizeof(token->problem),
            "the token is longer than %u bytes, or has spaces or characters that are not ASCII",
            FETCH_TOKEN_BYTES_MAX);
}

static void complain(struct fetch_token *token, const char *what)
{
    snprintf(token->problem, sizeof(token->problem), "the token file %.120s %.119s",
             token->options.file, what);
}

static void complain_of_error(struct fetch_token *token)
{
    char what[120];
    snprintf(what, sizeof(what), "cannot be read (CONSUL_HTTP_TOKEN_FILE): %s", strerror(errno));
    complain(token, what);
}

static bool has_changed(const struct fetch_token *token, const struct stat *now)
{
    return token->inode != (uint64_t)now->st_ino || token->size != now->st_size ||
           token->changed_at.tv_sec != now->st_mtim.tv_sec ||
           token->changed_at.tv_nsec != now->st_mtim.tv_nsec;
}

static void read_file(struct fetch_token *token, int fd)
{
    char bytes[FETCH_TOKEN_BYTES_MAX + 16];
    ssize_t count = read(fd, bytes, sizeof(bytes));
    if (count < 0)
        complain_of_error(token);
    else if (!take(token, view_of(bytes, (size_t)count)))
        complain(token, "holds no token: one line of ASCII without spaces");
    else
        token->problem[0] = '\0';
}

static void look_at_file(struct fetch_token *token)
{
    struct stat now;
    int fd = open(token->options.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        complain_of_error(token);
        token->inode = 0;
    } else if (fstat(fd, &now) != 0 || !S_ISREG(now.st_mode)) {
        complain(token, "is no file");
        token->inode = 0;
    } else if (has_changed(token, &now)) {
        token->inode = now.st_ino;
        token->size = now.st_size;
        token->changed_at = now.st_mtim;
        read_file(token, fd);
    }
    if (fd >= 0)
        close(fd);
}

const char *fetch_token_look(struct fetch_token *token)
{
    if (token->options.file)
        look_at_file(token);
    return token->line[0] != '\0' ? token->line : NULL;
}
