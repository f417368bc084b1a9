#include "lb/proxy/sign_in.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/auth.h"
#include "lb/http/credentials.h"
#include "lb/http/field_line.h"
#include "lb/http/head_edit.h"
#include "lb/http/head_writer.h"
#include "lb/policy/auth_cache.h"
#include "lb/policy/library.h"
#include "lb/policy/password.h"
#include "lb/proxy/client_address.h"
#include "lb/proxy/retargeting.h"
#include "lb/proxy/telling.h"

#define HASH_BYTES_MAX 160u

/* A password on its way through the pool of threads. Has bytes of its own: the exchange, and the list
 * that the user is in, may go meanwhile. */
struct sign_in {
    struct errand_turn turn;
    struct exchange *exchange; /* NULL: nobody waits */
    struct deadline deadline;
    void (*on_over)(struct exchange *exchange, enum err err);
    struct htpasswd_user user; /* whose hash is tried */
    bool is_known;             /* else it is tried for the time that it takes */
    bool is_right;
    struct siphash mark;
    size_t password_len;
    char hash[HASH_BYTES_MAX];
    char password[PASSWORD_BYTES_MAX];
};

/* ---- what is told ----------------------------------------------------------------------------- */

static enum err challenge(struct exchange *exchange, const struct treatment_auth *auth)
{
    struct text value = TEXT_INIT;
    text_append_str(&value, "Basic realm=\"");
    text_append(&value, auth->realm);
    text_append_str(&value, "\", charset=\"UTF-8\"");
    telling_add(exchange, VIEW("WWW-Authenticate"), text_view(&value));
    text_fini(&value);
    return ERR_AUTH;
}

/* ---- on the pool of threads ------------------------------------------------------------------- */

static void forget(struct sign_in *sign_in)
{
    explicit_bzero(sign_in, sizeof(*sign_in));
    free(sign_in);
}

static void try_password(struct errand *errand)
{
    struct sign_in *sign_in = list_entry(errand, struct sign_in, turn.errand);
    bool is_right =
        password_is_right(&sign_in->user, view_of(sign_in->password, sign_in->password_len));
    sign_in->is_right = is_right && sign_in->is_known;
}

static void on_tried(struct errand *errand, bool was_run)
{
    struct sign_in *sign_in = list_entry(errand, struct sign_in, turn.errand);
    struct exchange *exchange = sign_in->exchange;
    void (*on_over)(struct exchange * exchange, enum err err) = sign_in->on_over;
    bool is_right = was_run && sign_in->is_right;
    errand_turn_over(&sign_in->turn);
    if (exchange) {
        deadline_disarm(&sign_in->deadline);
        exchange->sign_in = NULL;
        if (is_right)
            auth_cache_put(exchange->env->auth_cache, &sign_in->mark);
    }
    forget(sign_in);
    if (exchange)
        on_over(exchange,
                is_right ? ERR_OK : challenge(exchange, exchange->attempt.treatment->auth));
}

static void on_deadline(struct deadline *deadline)
{
    struct sign_in *sign_in = list_entry(deadline, struct sign_in, deadline);
    struct exchange *exchange = sign_in->exchange;
    void (*on_over)(struct exchange * exchange, enum err err) = sign_in->on_over;
    sign_in_end(exchange);
    on_over(exchange, ERR_AUTH_BUSY);
}

void sign_in_end(struct exchange *exchange)
{
    struct sign_in *sign_in = exchange->sign_in;
    if (!sign_in)
        return;
    exchange->sign_in = NULL;
    deadline_disarm(&sign_in->deadline);
    sign_in->exchange = NULL;
    errand_turn_call_off(&sign_in->turn);
}

/* ---- who it is -------------------------------------------------------------------------------- */

/* Who asks, and the one whose hash tells. */
struct claim {
    struct credentials who;
    const struct htpasswd_user *user;
    bool is_known;
    struct siphash mark;
};

static uint64_t client_of(const struct exchange *exchange)
{
    struct address client;
    client_address_find(exchange, &client);
    return address_client_number(&client);
}

static enum err begin(struct exchange *exchange, const struct claim *claim)
{
    struct view hash = claim->user->hash, password = claim->who.password;
    if (hash.len > HASH_BYTES_MAX || password.len > PASSWORD_BYTES_MAX)
        return ERR_AUTH;
    struct sign_in *sign_in = memory_new(sizeof(*sign_in));
    sign_in->turn.errand.run = try_password;
    sign_in->turn.errand.on_done = on_tried;
    sign_in->exchange = exchange;
    sign_in->user =
        (struct htpasswd_user){.hash = view_of(sign_in->hash, hash.len), .form = claim->user->form};
    sign_in->is_known = claim->is_known;
    sign_in->mark = claim->mark;
    sign_in->password_len = password.len;
    memcpy(sign_in->hash, hash.ptr, hash.len);
    memcpy(sign_in->password, password.ptr, password.len);
    deadline_init(&sign_in->deadline, on_deadline);
    if (errand_turn_take(&sign_in->turn, &exchange->env->sign_ins, client_of(exchange))) {
        exchange->sign_in = sign_in;
        exchange->facts |= EXCHANGE_WENT_ASIDE;
        return ERR_AUTH;
    }
    forget(sign_in);
    return ERR_AUTH_BUSY;
}

/* Those of the route itself first, then those of its file. */
static void find_user(struct claim *claim, const struct htpasswd *const *lists, unsigned count)
{
    claim->user = NULL;
    for (unsigned i = 0; i < count && !claim->user; i++)
        claim->user = htpasswd_find(lists[i], claim->who.user);
    claim->is_known = claim->user != NULL;
    if (!claim->is_known)
        claim->user = htpasswd_find_other(lists[count - 1], claim->who.user);
}

/* Several are as good as none: who reads which of them is not known. */
static bool read_claim(const struct exchange *exchange, char room[static CREDENTIALS_BYTES_MAX],
                       struct credentials *who)
{
    struct view lines = field_line_first(block_view(exchange->outgoing.head)), value, other;
    return field_line_next(&lines, VIEW("Authorization"), &value) &&
           !field_line_next(&lines, VIEW("Authorization"), &other) &&
           credentials_parse(value, room, who);
}

static enum err judge(struct exchange *exchange, const struct treatment_auth *auth,
                      const struct htpasswd *const *lists, unsigned count)
{
    char room[CREDENTIALS_BYTES_MAX];
    struct env *env = exchange->env;
    struct claim claim;
    enum err err = ERR_AUTH;
    if (read_claim(exchange, room, &claim.who)) {
        if (!env->auth_cache)
            env->auth_cache = auth_cache_new();
        find_user(&claim, lists, count);
        claim.mark = auth_cache_mark(env->auth_cache, claim.user, claim.who.password);
        if (claim.is_known && auth_cache_has(env->auth_cache, &claim.mark))
            err = ERR_OK;
        else
            err = begin(exchange, &claim);
    }
    explicit_bzero(room, sizeof(room));
    if (!err)
        exchange->facts |= EXCHANGE_IS_SIGNED_IN;
    return err == ERR_AUTH && !exchange->sign_in ? challenge(exchange, auth) : err;
}

enum err sign_in_check(struct exchange *exchange, const struct treatment_auth *auth)
{
    const struct htpasswd *lists[2];
    unsigned count = 0;
    exchange->facts &= ~(unsigned)EXCHANGE_IS_SIGNED_IN;
    if (auth->users.count > 0)
        lists[count++] = &auth->users;
    if (auth->files.len > 0) {
        const struct htpasswd *list;
        enum library_answer answer = library_find_users(exchange->env->library, auth->files, &list);
        if (answer == LIBRARY_UNKNOWN)
            return ERR_AUTH_UNKNOWN;
        if (answer == LIBRARY_FOUND)
            lists[count++] = list;
        else if (count == 0)
            return ERR_OK;
    }
    return count > 0 ? judge(exchange, auth, lists, count) : ERR_AUTH_UNKNOWN;
}

void sign_in_wait(struct exchange *exchange,
                  void (*on_over)(struct exchange *exchange, enum err err))
{
    struct sign_in *sign_in = exchange->sign_in;
    sign_in->on_over = on_over;
    deadline_arm(&exchange->env->loop->deadlines, &sign_in->deadline, SIGN_IN_MS);
}

/* ---- what the backend gets -------------------------------------------------------------------- */

/* "X-User: bob\r\n" into the room. */
static struct view line_of_user(const struct exchange *exchange, const struct treatment_auth *auth,
                                struct text *line)
{
    char room[CREDENTIALS_BYTES_MAX];
    struct credentials who;
    if (!exchange_is(exchange, EXCHANGE_IS_SIGNED_IN) || auth->header.len == 0 ||
        !read_claim(exchange, room, &who))
        return VIEW("");
    text_append(line, auth->header);
    text_append_str(line, ": ");
    text_append(line, who.user);
    text_append_str(line, "\r\n");
    explicit_bzero(room, sizeof(room));
    return text_view(line);
}

void sign_in_edit_request(struct exchange *exchange, const struct treatment_auth *auth)
{
    struct view cut_names[2], head = block_view(exchange->outgoing.head);
    struct text line = TEXT_INIT;
    struct head_edit edit = {.cut_names = cut_names, .cuts_alike = true};
    if (auth->header.len > 0)
        cut_names[edit.cut_count++] = auth->header;
    if (exchange_is(exchange, EXCHANGE_IS_SIGNED_IN) && !auth->keeps)
        cut_names[edit.cut_count++] = VIEW("Authorization");
    edit.lines = line_of_user(exchange, auth, &line);
    if (edit.cut_count > 0) {
        struct block *edited = block_take(&exchange->env->loop->blocks, head.len + edit.lines.len);
        head_edit_write(&edit, head, edited);
        retargeting_take_head(exchange, edited);
    }
    text_fini(&line);
}
