#include "lb/contract/htpasswd.h"

#include <stdalign.h>
#include <stdlib.h>

#include "lb/base/hash.h"
#include "lb/base/shown.h"

#define PROBLEMS_MAX 5u /* more are counted only */

/* ---- hashes ---------------------------------------------------------------------------------- */

static bool refuse(struct text *problem, const char *why)
{
    text_append_str(problem, why);
    return false;
}

/* The digits that all forms of crypt write. */
static bool are_digits(struct view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], lower = view_lower_char(c);
        if (!(c >= '.' && c <= '9') && !(lower >= 'a' && lower <= 'z'))
            return false;
    }
    return true;
}

/* "12$" and 53 digits. */
static bool is_bcrypt(struct view rest, struct text *problem)
{
    uint64_t cost;
    struct view number = view_cut(&rest, '$');
    if (number.len != 2 || !view_parse_u64(number, 31, &cost) || cost < 4 || rest.len != 53 ||
        !are_digits(rest))
        return refuse(problem, "has a bcrypt hash that is cut off or mistyped");
    if (cost > HTPASSWD_BCRYPT_COST_MAX)
        return refuse(problem,
                      "has a bcrypt hash that takes seconds; make it with a cost up to 14");
    return true;
}

/* "salt$" and so many digits. */
static bool is_salted(struct view rest, size_t salt_max, size_t digits)
{
    struct view salt = view_cut(&rest, '$');
    return salt.len > 0 && salt.len <= salt_max && are_digits(salt) && rest.len == digits &&
           are_digits(rest);
}

/* "rounds=10000$" may be before the salt. */
static bool is_sha_crypt(struct view rest, size_t digits, struct text *problem)
{
    uint64_t rounds = 5000;
    if (view_starts_with(rest, VIEW("rounds="))) {
        struct view number = view_skip(view_cut(&rest, '$'), 7);
        if (view_starts_with(number, VIEW("0")) || !view_parse_u64(number, 999999999, &rounds))
            rounds = 0;
    }
    if (rounds < 1000 || !is_salted(rest, 16, digits))
        return refuse(problem, "has a SHA-crypt hash that is cut off or mistyped");
    if (rounds > HTPASSWD_SHA_ROUNDS_MAX)
        return refuse(problem,
                      "has a SHA-crypt hash that takes seconds; make it with up to 1000000 rounds");
    return true;
}

static bool is_sha256(struct view rest, struct text *problem)
{
    return is_sha_crypt(rest, 43, problem);
}

static bool is_sha512(struct view rest, struct text *problem)
{
    return is_sha_crypt(rest, 86, problem);
}

static bool is_md5(struct view rest, struct text *problem)
{
    return is_salted(rest, 8, 22) || refuse(problem, "has an MD5 hash that is cut off or mistyped");
}

/* 20 bytes as base64. */
static bool is_sha1(struct view rest, struct text *problem)
{
    bool is_good = rest.len == 28 && rest.ptr[27] == '=';
    for (size_t i = 0; is_good && i < 27; i++)
        is_good =
            rest.ptr[i] == '+' || (rest.ptr[i] != '.' && are_digits(view_of(rest.ptr + i, 1)));
    return is_good || refuse(problem, "has a {SHA} hash that is cut off or mistyped");
}

static const struct {
    struct view prefix;
    enum htpasswd_form form;
    bool (*is_good)(struct view rest, struct text *problem);
} forms[] = {
    {VIEW("$2y$"), HTPASSWD_BCRYPT, is_bcrypt}, {VIEW("$2b$"), HTPASSWD_BCRYPT, is_bcrypt},
    {VIEW("$2a$"), HTPASSWD_BCRYPT, is_bcrypt}, {VIEW("$5$"), HTPASSWD_SHA256, is_sha256},
    {VIEW("$6$"), HTPASSWD_SHA512, is_sha512},  {VIEW("$1$"), HTPASSWD_MD5, is_md5},
    {VIEW("$apr1$"), HTPASSWD_APR1, is_md5},    {VIEW("{SHA}"), HTPASSWD_SHA1, is_sha1},
};

static bool parse_hash(struct view hash, enum htpasswd_form *form, struct text *problem)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (!view_starts_with(hash, forms[i].prefix))
            continue;
        *form = forms[i].form;
        return forms[i].is_good(view_skip(hash, forms[i].prefix.len), problem);
    }
    if (view_starts_with(hash, VIEW("$$")))
        return refuse(problem, "has $$ where $ is meant; only compose files double it");
    if (view_starts_with(hash, VIEW("$")) || view_starts_with(hash, VIEW("{")))
        return refuse(problem, "has a hash of an unknown form; make it with htpasswd -B");
    return refuse(problem, "has a plain password or one of DES crypt, which protects from nobody; "
                           "make it with htpasswd -B");
}

/* ---- users ----------------------------------------------------------------------------------- */

static bool is_name(struct view name)
{
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < ' ' || name.ptr[i] == 0x7F)
            return false;
    return name.len > 0 && name.len <= HTPASSWD_USER_BYTES_MAX;
}

/* What stands behind a second colon, as in other files of passwords, is none of our business. */
static bool parse_user(struct view text, struct htpasswd_user *user, struct text *problem)
{
    user->name = view_cut(&text, ':');
    if (!text.ptr || !is_name(user->name))
        return refuse(problem, "is no user:hash");
    user->hash = view_trim(view_cut(&text, ':'));
    struct text why = TEXT_INIT;
    bool is_good = parse_hash(user->hash, &user->form, &why);
    if (!is_good) {
        text_append_str(problem, "\"");
        shown_append(problem, user->name);
        text_append_str(problem, "\" ");
        text_append(problem, text_view(&why));
    }
    text_fini(&why);
    return is_good;
}

/* Blank lines and comments say nothing. */
static bool is_silent(struct view line)
{
    return line.len == 0 || line.ptr[0] == '#';
}

static struct view next_line(struct view *rest, char separator)
{
    struct view line = view_trim(view_cut(rest, separator));
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line = view_trim(view_of(line.ptr, line.len - 1));
    return line;
}

static int compare_names(const void *one, const void *other)
{
    const struct htpasswd_user *a = one, *b = other;
    return view_compare(a->name, b->name);
}

static int compare(const void *one, const void *other)
{
    const struct htpasswd_user *a = one, *b = other;
    int order = compare_names(a, b);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* ---- lists ----------------------------------------------------------------------------------- */

struct troubles {
    struct text *out;
    unsigned count;
};

static void tell(struct troubles *troubles, unsigned line, struct view why)
{
    if (troubles->count++ >= PROBLEMS_MAX)
        return;
    text_appendf(troubles->out, "%sline %u ", troubles->count > 1 ? "; " : "", line);
    text_append(troubles->out, why);
}

/* A list on its way. */
struct making {
    struct htpasswd_user *users;
    unsigned count;
    struct troubles troubles;
};

static void take_line(struct making *making, struct view line, unsigned number)
{
    struct htpasswd_user user = {.line = number};
    struct text why = TEXT_INIT;
    if (!parse_user(line, &user, &why))
        tell(&making->troubles, number, text_view(&why));
    else if (making->count == HTPASSWD_USERS_MAX)
        tell(&making->troubles, number, VIEW("is one user too many; 4096 are looked at"));
    else
        making->users[making->count++] = user;
    text_fini(&why);
}

static void drop_repeated(struct making *making)
{
    struct htpasswd_user *users = making->users;
    unsigned count = 0;
    for (unsigned i = 0; i < making->count; i++) {
        if (count > 0 && compare_names(&users[count - 1], &users[i]) == 0)
            tell(&making->troubles, users[i].line, VIEW("has a user that is there already"));
        else
            users[count++] = users[i];
    }
    making->count = count;
}

static unsigned count_lines(struct view text, char separator)
{
    unsigned count = 0;
    while (text.ptr && count < HTPASSWD_USERS_MAX) {
        view_cut(&text, separator);
        count++;
    }
    return count;
}

void htpasswd_parse(struct htpasswd *list, struct view text, char separator, struct arena *arena,
                    struct text *problems)
{
    struct making making = {.troubles = {.out = problems}};
    *list = (struct htpasswd){0};
    if (text.len > HTPASSWD_BYTES_MAX) {
        text_append_str(problems, "is longer than 1 MiB");
        return;
    }
    struct view rest = arena_copy(arena, text);
    making.users = arena_new(arena, count_lines(rest, separator) * sizeof(making.users[0]));
    for (unsigned number = 1; rest.ptr; number++) {
        struct view line = next_line(&rest, separator);
        if (!is_silent(line))
            take_line(&making, line, number);
    }
    if (making.count > 1)
        qsort(making.users, making.count, sizeof(making.users[0]), compare);
    drop_repeated(&making);
    if (making.troubles.count > PROBLEMS_MAX)
        text_appendf(problems, "; and %u more", making.troubles.count - PROBLEMS_MAX);
    *list = (struct htpasswd){making.users, making.count};
}

size_t htpasswd_bytes(struct view text, char separator)
{
    return text.len + count_lines(text, separator) * sizeof(struct htpasswd_user) +
           2 * alignof(max_align_t);
}

const struct htpasswd_user *htpasswd_find(const struct htpasswd *list, struct view name)
{
    const struct htpasswd_user wanted = {.name = name};
    if (list->count == 0)
        return NULL;
    return bsearch(&wanted, list->users, list->count, sizeof(wanted), compare_names);
}

const struct htpasswd_user *htpasswd_find_other(const struct htpasswd *list, struct view name)
{
    return &list->users[hash_view(HASH_INIT, name) % list->count];
}

bool htpasswd_check(struct view text, struct text *problem)
{
    unsigned count = 0;
    while (text.ptr) {
        struct htpasswd_user user;
        struct view part = next_line(&text, ',');
        if (is_silent(part))
            continue;
        if (!parse_user(part, &user, problem))
            return false;
        count++;
    }
    return count > 0 || refuse(problem, "names nobody");
}
