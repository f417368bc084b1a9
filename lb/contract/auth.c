#include "lb/contract/auth.h"

#include "lb/base/alike.h"
#include "lb/contract/file_name.h"
#include "lb/contract/words.h"

#define HEADER_BYTES_MAX 64u /* of the name of a field */

static bool refuse(struct text *problem, const char *why)
{
    text_append_str(problem, why);
    return false;
}

/* ---- files ----------------------------------------------------------------------------------- */

bool auth_next_file(struct view *rest, struct auth_file *out)
{
    if (!rest->ptr)
        return false;
    struct view name = view_trim(view_cut(rest, ','));
    out->may_miss = name.len > 0 && name.ptr[name.len - 1] == '?';
    out->name = view_of(name.ptr, name.len - out->may_miss);
    return true;
}

bool auth_check_files(struct view value, struct text *problem)
{
    struct auth_file file;
    unsigned count = 0;
    while (auth_next_file(&value, &file)) {
        if (count++ == AUTH_FILES_MAX)
            return refuse(problem, "names more than 4 files");
        if (!file_name_check(file.name, problem))
            return false;
    }
    return true;
}

/* ---- what is told ----------------------------------------------------------------------------- */

bool auth_check_realm(struct view value, struct text *problem)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < ' ' || value.ptr[i] >= 0x7F || value.ptr[i] == '"' ||
            value.ptr[i] == '\\')
            return refuse(problem, "has a character other than printable ASCII without quotes");
    return true;
}

/* Fields that say something to lb, or frame the message. */
static bool is_taken(struct view name)
{
    static const char *const taken[] = {"authorization",
                                        "connection",
                                        "content-length",
                                        "content-type",
                                        "cookie",
                                        "date",
                                        "expect",
                                        "forwarded",
                                        "host",
                                        "http2-settings",
                                        "keep-alive",
                                        "max-forwards",
                                        "proxy",
                                        "proxy-connection",
                                        "te",
                                        "trailer",
                                        "transfer-encoding",
                                        "upgrade",
                                        "via",
                                        "x-forwarded-for",
                                        "x-forwarded-host",
                                        "x-forwarded-port",
                                        "x-forwarded-proto",
                                        "x-real-ip",
                                        "x-request-id"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (alike_are(name, view_str(taken[i])))
            return true;
    return false;
}

bool auth_check_header(struct view value, struct text *problem)
{
    if (!words_is_token(value) || value.len > HEADER_BYTES_MAX)
        return refuse(problem, "is no name of a header field");
    return !is_taken(value) || refuse(problem, "is a field with a meaning of its own");
}

bool auth_keeps(struct view value)
{
    return view_eq_nocase(value, VIEW("true"));
}

bool auth_check_keep(struct view value, struct text *problem)
{
    return auth_keeps(value) || view_eq_nocase(value, VIEW("false")) ||
           refuse(problem, "is neither");
}
