#include "lb/proxy/challenge.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* RFC 8555 § 8.1: base64url. */
static bool is_of_token(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

struct view challenge_token(struct view target)
{
    const struct view path = VIEW(CHALLENGE_PATH);
    if (!view_starts_with(target, path))
        return VIEW("");
    struct view token = view_skip(target, path.len);
    token = view_cut(&token, '?');
    for (size_t i = 0; i < token.len; i++)
        if (!is_of_token(token.ptr[i]))
            return VIEW("");
    return token.len <= CHALLENGE_TOKEN_BYTES_MAX ? token : VIEW("");
}

/* Nothing else that lies there can be had. */
static bool is_for(struct view authorization, struct view token)
{
    return authorization.len > token.len && view_starts_with(authorization, token) &&
           authorization.ptr[token.len] == '.';
}

static bool take(int fd, struct view token, struct text *out)
{
    char bytes[CHALLENGE_FILE_BYTES_MAX];
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size > CHALLENGE_FILE_BYTES_MAX)
        return false;
    ssize_t len = read(fd, bytes, sizeof(bytes));
    if (len < 0 || !is_for(view_of(bytes, (size_t)len), token))
        return false;
    text_append(out, view_of(bytes, (size_t)len));
    return true;
}

static bool read_in(const char *dir, const char *below, struct view token, struct text *out)
{
    struct text path = TEXT_INIT;
    text_append_str(&path, dir);
    text_append_str(&path, below);
    text_append_char(&path, '/');
    text_append(&path, token);
    int fd = open(text_str(&path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    text_fini(&path);
    if (fd < 0)
        return false;
    bool is_taken = take(fd, token, out);
    close(fd);
    return is_taken;
}

bool challenge_read(const struct challenge_places *places, struct view token, struct text *out)
{
    if (places->acme_dir && read_in(places->acme_dir, "/challenges", token, out))
        return true;
    for (unsigned i = 0; i < places->webroot_count; i++)
        if (read_in(places->webroots[i], "/.well-known/acme-challenge", token, out) ||
            read_in(places->webroots[i], "", token, out))
            return true;
    return false;
}
