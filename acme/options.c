#include "acme/options.h"

#include <errno.h>

#include "acme/base64url.h"
#include "acme/directory.h"
#include "lb/base/shown.h"
#include "lb/contract/acme_url.h"

#define SHOWN_BYTES_MAX  100u
#define SECRET_BYTES_MAX 4096u
#define SECONDS_MAX      (UINT64_C(100) * 366 * 86400)

struct walk {
    int argc, next;
    char *const *argv;
    struct view flag;
    const char *value; /* behind '=', or NULL */
    const char *binding_file;
    struct text *problem;
};

static bool complain(struct walk *walk, const char *what, const char *accepted)
{
    struct view flag = walk->flag;
    flag.len = flag.len < SHOWN_BYTES_MAX ? flag.len : SHOWN_BYTES_MAX;
    shown_append(walk->problem, flag);
    text_appendf(walk->problem, ": %s; %s", what, accepted);
    return false;
}

static bool complain_value(struct walk *walk, const char *accepted)
{
    struct text what = TEXT_INIT;
    struct view value = view_str(walk->value);
    value.len = value.len < SHOWN_BYTES_MAX ? value.len : SHOWN_BYTES_MAX;
    text_append_char(&what, '"');
    shown_append(&what, value);
    text_append_str(&what, "\" cannot be used");
    complain(walk, text_str(&what), accepted);
    text_fini(&what);
    return false;
}

static bool take_value(struct walk *walk, const char *accepted)
{
    if (!walk->value && walk->next < walk->argc)
        walk->value = walk->argv[walk->next++];
    return (walk->value && walk->value[0] != '\0') ||
           complain(walk, "the value is missing", accepted);
}

static bool take_text(struct walk *walk, const char **out, const char *accepted)
{
    if (!take_value(walk, accepted))
        return false;
    *out = walk->value;
    return true;
}

static bool take_switch(struct walk *walk)
{
    return !walk->value || complain(walk, "it takes no value", "write it alone");
}

/* ---- flags -------------------------------------------------------------------------------------------- */

static bool take_folder(struct walk *walk, struct options *out)
{
    static const char accepted[] = "the path of a folder is accepted";
    return take_text(walk, &out->folder, accepted) &&
           (strlen(out->folder) < DISK_PATH_BYTES / 2 || complain_value(walk, accepted));
}

static bool is_email(const char *text)
{
    const char *at = strchr(text, '@');
    if (!at || at == text || !at[1] || strlen(text) > 254)
        return false;
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"\\,;<>?&%#", *c))
            return false;
    return true;
}

static bool take_email(struct walk *walk, struct options *out)
{
    static const char accepted[] = "one address such as you@example.org is accepted";
    return take_text(walk, &out->email, accepted) &&
           (is_email(out->email) || complain_value(walk, accepted));
}

static bool take_directory(struct walk *walk, struct options *out)
{
    static const char accepted[] = "the https:// URL of an ACME directory is accepted, or "
                                   "production or staging of Let's Encrypt";
    if (!take_text(walk, &out->directory, accepted))
        return false;
    if (!acme_url_is_directory(view_str(out->directory)))
        return complain_value(walk, accepted);
    if (strcmp(out->directory, "staging") == 0)
        out->directory = DIRECTORY_STAGING;
    else if (strcmp(out->directory, "production") == 0)
        out->directory = DIRECTORY_PRODUCTION;
    return true;
}

static bool take_challenge(struct walk *walk, struct options *out)
{
    static const char accepted[] = "http-01 or tls-alpn-01 is accepted";
    if (!take_value(walk, accepted))
        return false;
    out->challenge = strcmp(walk->value, "tls-alpn-01") == 0 ? CHALLENGE_ALPN : CHALLENGE_HTTP;
    return strcmp(walk->value, challenge_word(out->challenge)) == 0 ||
           complain_value(walk, accepted);
}

static bool take_number(struct walk *walk, uint64_t most, uint64_t *out, const char *accepted)
{
    return take_value(walk, accepted) &&
           (view_parse_u64(view_str(walk->value), most, out) || complain_value(walk, accepted));
}

static bool take_check(struct walk *walk, struct options *out)
{
    out->checks = true;
    return take_switch(walk);
}

static bool take_check_port(struct walk *walk, struct options *out)
{
    uint64_t port = 0;
    if (!take_number(walk, 65535, &port, "1 to 65535 is accepted"))
        return false;
    out->check_port = (unsigned)port;
    return port > 0 || complain_value(walk, "1 to 65535 is accepted");
}

static bool take_clock(struct walk *walk, struct options *out)
{
    uint64_t seconds = 0;
    bool is_good = take_number(walk, SECONDS_MAX, &seconds, "a number of seconds is accepted");
    out->clock_ahead_s = (int64_t)seconds;
    return is_good;
}

static bool is_printable(const char *text)
{
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return strlen(text) < 512;
}

static bool take_kid(struct walk *walk, struct options *out)
{
    static const char accepted[] = "the key id that the authority hands out is accepted";
    return take_text(walk, &out->binding_kid, accepted) &&
           (is_printable(out->binding_kid) || complain_value(walk, accepted));
}

static bool take_kid_file(struct walk *walk, struct options *out)
{
    (void)out;
    return take_text(walk, &walk->binding_file, "the path of a file is accepted");
}

static bool take_ca(struct walk *walk, struct options *out)
{
    return take_text(walk, &out->ca_file, "the path of a file is accepted");
}

static bool take_key(struct walk *walk, struct options *out)
{
    static const char accepted[] = "ecdsa or rsa is accepted";
    if (!take_value(walk, accepted))
        return false;
    bool is_rsa = strcmp(walk->value, "rsa") == 0;
    out->key_kind = is_rsa ? PRIVATE_KEY_RSA : PRIVATE_KEY_ECDSA;
    return is_rsa || strcmp(walk->value, "ecdsa") == 0 || complain_value(walk, accepted);
}

static bool take_consul(struct walk *walk, struct options *out)
{
    out->consul = walk->value ? walk->value : "";
    return true;
}

static bool take_jail(struct walk *walk, struct options *out)
{
    static const char accepted[] = "strict, log or off is accepted";
    return take_value(walk, accepted) &&
           (jail_parse_mode(walk->value, &out->jail) || complain_value(walk, accepted));
}

static bool take_level(struct walk *walk, struct options *out)
{
    static const char accepted[] = "debug, info, warn or error is accepted";
    return take_value(walk, accepted) &&
           (log_parse_level(walk->value, &out->log_level) || complain_value(walk, accepted));
}

static bool take_format(struct walk *walk, struct options *out)
{
    static const char accepted[] = "auto, plain or json is accepted";
    return take_value(walk, accepted) &&
           (log_parse_format(walk->value, &out->log_format) || complain_value(walk, accepted));
}

static const struct flag {
    const char *word;
    bool (*take)(struct walk *walk, struct options *out); /* NULL: an action */
    enum options_action action;
} flags[] = {
    {"--dir", take_folder, 0},
    {"--email", take_email, 0},
    {"--directory", take_directory, 0},
    {"--challenge", take_challenge, 0},
    {"--check", take_check, 0},
    {"--check-port", take_check_port, 0},
    {"--eab-kid", take_kid, 0},
    {"--eab-key-file", take_kid_file, 0},
    {"--ca", take_ca, 0},
    {"--key", take_key, 0},
    {"--consul", take_consul, 0},
    {"--clock-ahead", take_clock, 0},
    {"--jail", take_jail, 0},
    {"--log-level", take_level, 0},
    {"--log-format", take_format, 0},
    {"--dry-run", NULL, OPTIONS_DRY_RUN},
    {"--list", NULL, OPTIONS_LIST},
    {"--rollover", NULL, OPTIONS_ROLLOVER},
    {"--help", NULL, OPTIONS_HELP},
    {"--version", NULL, OPTIONS_VERSION},
};

static bool take_flag(struct walk *walk, struct options *out)
{
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (!view_eq(walk->flag, view_str(flags[i].word)))
            continue;
        if (flags[i].take)
            return flags[i].take(walk, out);
        out->action = flags[i].action;
        return take_switch(walk);
    }
    return complain(walk, "that is no flag", "see lb-acme --help");
}

/* ---- the key of an external account --------------------------------------------------------------------- */

static bool read_secret(struct walk *walk, struct options *out)
{
    struct text text = TEXT_INIT;
    bool is_read = disk_read(walk->binding_file, SECRET_BYTES_MAX, &text);
    int error = errno;
    while (text.len > 0 && (unsigned char)text.bytes[text.len - 1] <= ' ')
        text.len--;
    bool is_good =
        is_read && text.len > 0 && base64url_decode(text_view(&text), &out->binding_secret);
    private_key_forget(&text);
    if (is_good)
        return true;
    text_append_str(walk->problem, "--eab-key-file: ");
    shown_append(walk->problem, view_str(walk->binding_file));
    text_appendf(walk->problem,
                 " %s%s; a file that lb's user can read, with the key in base64url as the "
                 "authority hands it out, is accepted",
                 is_read ? "has no such key" : "cannot be read: ", is_read ? "" : strerror(error));
    return false;
}

static bool check_together(struct walk *walk, struct options *out)
{
    if (!out->binding_kid != !walk->binding_file) {
        text_append_str(walk->problem, "--eab-kid and --eab-key-file belong together; give both");
        return false;
    }
    return !walk->binding_file || read_secret(walk, out);
}

bool options_parse(int argc, char *const argv[], struct options *out, struct text *problem)
{
    struct walk walk = {.argc = argc, .next = 1, .argv = argv, .problem = problem};
    *out = (struct options){.folder = OPTIONS_FOLDER_DEFAULT,
                            .email = "",
                            .directory = DIRECTORY_PRODUCTION,
                            .check_port = 80,
                            .jail = jail_default_mode(),
                            .log_level = LOG_LEVEL_INFO};
    while (walk.next < walk.argc) {
        struct view rest = view_str(walk.argv[walk.next++]);
        walk.flag = view_cut(&rest, '=');
        walk.value = rest.ptr;
        if (!take_flag(&walk, out))
            return false;
    }
    return check_together(&walk, out);
}

void options_fini(struct options *options)
{
    private_key_forget(&options->binding_secret);
}
