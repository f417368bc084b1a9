#include "lb/proxy/challenge.h"

#include "lb/proxy/small_file.h"

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

static bool read_in(const char *dir, const char *below, struct view token, struct text *out)
{
    char bytes[CHALLENGE_FILE_BYTES_MAX];
    struct text path = TEXT_INIT;
    text_appendf(&path, "%s%s/%.*s", dir, below, (int)token.len, token.ptr);
    ssize_t len = small_file_read(text_str(&path), bytes, sizeof(bytes));
    text_fini(&path);
    if (len < 0 || !is_for(view_of(bytes, (size_t)len), token))
        return false;
    text_append(out, view_of(bytes, (size_t)len));
    return true;
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
