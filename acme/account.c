#include "acme/account.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "acme/disk.h"
#include "acme/jws.h"
#include "acme/private_key.h"
#include "lb/base/hash.h"
#include "lb/contract/acme_url.h"

#define FILE_BYTES_MAX 16384u

static void set_name(const char *url, char out[64])
{
    char host[EXCHANGE_FIELD_BYTES];
    exchange_host(url, host);
    for (char *c = host; *c; c++)
        if (!((view_lower_char(*c) >= 'a' && view_lower_char(*c) <= 'z') ||
              (*c >= '0' && *c <= '9') || *c == '.' || *c == '-'))
            *c = '-';
    snprintf(out, 64, "%.40s-%08x", host[0] == '.' ? "server" : host,
             (unsigned)hash_mix(hash_view(HASH_INIT, view_str(url))));
}

static bool complain_disk(const struct account *account, const char *what, struct trouble *trouble)
{
    trouble_say(trouble, TROUBLE_HERE,
                "the account's key cannot be %s in %s: %s; look at --acme-dir", what,
                account->options.folder, strerror(errno));
    return false;
}

/* ---- keys on the disk --------------------------------------------------------------------------------------- */

static EVP_PKEY *load_key(const struct account *account, const char *ending, bool *is_there)
{
    struct text pem = TEXT_INIT;
    char path[DISK_PATH_BYTES], name[80];
    snprintf(name, sizeof(name), "%s%s", account->name, ending);
    EVP_PKEY *key = NULL;
    *is_there = disk_join(path, account->options.folder, name) &&
                (disk_read(path, FILE_BYTES_MAX, &pem) || errno != ENOENT);
    if (pem.len > 0)
        key = private_key_parse(text_view(&pem));
    private_key_forget(&pem);
    return key;
}

static EVP_PKEY *make_key(const struct account *account, const char *ending,
                          struct trouble *trouble)
{
    struct text pem = TEXT_INIT;
    char name[80];
    snprintf(name, sizeof(name), "%s%s", account->name, ending);
    EVP_PKEY *key = private_key_make(PRIVATE_KEY_ECDSA);
    bool is_good = key && private_key_append(key, &pem) &&
                   disk_write(account->options.folder, name, text_view(&pem));
    private_key_forget(&pem);
    if (is_good)
        return key;
    complain_disk(account, "written", trouble);
    EVP_PKEY_free(key);
    return NULL;
}

/* ---- what is known of it --------------------------------------------------------------------------------------- */

static void load_facts(const struct account *account, char kid[EXCHANGE_URL_BYTES],
                       char email[EXCHANGE_FIELD_BYTES])
{
    struct text text = TEXT_INIT;
    json_error_t problem;
    char path[DISK_PATH_BYTES], name[80];
    kid[0] = email[0] = '\0';
    snprintf(name, sizeof(name), "%s.json", account->name);
    json_t *facts = disk_join(path, account->options.folder, name) &&
                            disk_read(path, FILE_BYTES_MAX, &text) && text.len > 0
                        ? json_loadb(text.bytes, text.len, 0, &problem)
                        : NULL;
    const char *url = json_string_value(json_object_get(facts, "kid"));
    const char *contact = json_string_value(json_object_get(facts, "contact"));
    if (url && acme_url_is_safe(view_str(url)))
        snprintf(kid, EXCHANGE_URL_BYTES, "%s", url);
    if (contact)
        snprintf(email, EXCHANGE_FIELD_BYTES, "%s", contact);
    json_decref(facts);
    text_fini(&text);
}

static bool save_facts(const struct account *account, const char *kid, struct trouble *trouble)
{
    char name[80];
    json_t *facts = json_pack("{s:s, s:s, s:s}", "directory", account->options.directory_url, "kid",
                              kid, "contact", account->options.email);
    char *bytes = facts ? json_dumps(facts, JSON_INDENT(1)) : NULL;
    snprintf(name, sizeof(name), "%s.json", account->name);
    bool is_good = bytes && disk_write(account->options.folder, name, view_str(bytes));
    free(bytes);
    json_decref(facts);
    return is_good || complain_disk(account, "described", trouble);
}

void account_forget(const struct account *account)
{
    char path[DISK_PATH_BYTES], name[80];
    snprintf(name, sizeof(name), "%s.json", account->name);
    if (disk_join(path, account->options.folder, name))
        unlink(path);
}

/* ---- with the server --------------------------------------------------------------------------------------------- */

static json_t *make_contact(const struct account *account)
{
    json_t *list = json_array();
    if (account->options.email[0])
        json_array_append_new(list, json_sprintf("mailto:%s", account->options.email));
    return list;
}

static json_t *make_binding(const struct account *account, const struct client *client)
{
    struct text head = TEXT_INIT, key = TEXT_INIT, out = TEXT_INIT;
    json_error_t problem;
    json_t *fields = json_pack("{s:s, s:s, s:s}", "alg", "HS256", "kid",
                               account->options.binding_kid, "url", client->directory.new_account);
    char *bytes = fields ? json_dumps(fields, JSON_COMPACT) : NULL;
    json_t *binding = NULL;
    if (bytes && jws_append_key(account->key, &key) &&
        jws_sign_by_secret(account->options.binding_secret, view_str(bytes), text_view(&key), &out))
        binding = json_loadb(out.bytes, out.len, 0, &problem);
    free(bytes);
    json_decref(fields);
    text_fini(&head);
    text_fini(&key);
    text_fini(&out);
    return binding;
}

/* Gives the account's URL. */
static bool ask(const struct account *account, struct client *client, EVP_PKEY *key,
                json_t *payload, struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    struct client_request request = {.url = client->directory.new_account,
                                     .what = "the account",
                                     .payload = payload,
                                     .key = key};
    bool is_good = client_post(client, &request, &answer, trouble);
    if (is_good && !acme_url_is_safe(view_str(answer.location))) {
        trouble_say(trouble, TROUBLE_AWAY,
                    "the account: %s gives no URL for it; look at --acme-directory",
                    client->directory.host);
        is_good = false;
    }
    if (is_good)
        memcpy(client->kid, answer.location, sizeof(client->kid));
    exchange_answer_fini(&answer);
    return is_good && save_facts(account, client->kid, trouble);
}

static bool register_it(struct account *account, struct client *client, struct trouble *trouble)
{
    bool has_binding = account->options.binding_kid != NULL;
    if (client->directory.needs_binding && !has_binding) {
        trouble_say(trouble, TROUBLE_REFUSED,
                    "the account: %s gives one only to who has an account there; give "
                    "--acme-eab-kid and --acme-eab-key-file, as it hands them out",
                    client->directory.host);
        return false;
    }
    json_t *payload =
        json_pack("{s:b, s:o}", "termsOfServiceAgreed", 1, "contact", make_contact(account));
    if (has_binding)
        json_object_set_new(payload, "externalAccountBinding", make_binding(account, client));
    bool is_good = ask(account, client, account->key, payload, trouble);
    json_decref(payload);
    return is_good;
}

static bool change_contact(struct account *account, struct client *client, struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    json_t *payload = json_pack("{s:o}", "contact", make_contact(account));
    struct client_request request = {
        .url = client->kid, .what = "the account's contact", .payload = payload};
    bool is_good = client_post(client, &request, &answer, trouble) &&
                   save_facts(account, client->kid, trouble);
    json_decref(payload);
    exchange_answer_fini(&answer);
    return is_good;
}

static void put_in_place(const struct account *account)
{
    char from[DISK_PATH_BYTES], to[DISK_PATH_BYTES], name[80];
    snprintf(name, sizeof(name), "%s.next.pem", account->name);
    if (!disk_join(from, account->options.folder, name))
        return;
    snprintf(name, sizeof(name), "%s.pem", account->name);
    if (disk_join(to, account->options.folder, name))
        rename(from, to);
}

static void drop_next(const struct account *account)
{
    char path[DISK_PATH_BYTES], name[80];
    snprintf(name, sizeof(name), "%s.next.pem", account->name);
    if (disk_join(path, account->options.folder, name))
        unlink(path);
}

/* A change of keys was cut off: the server says whether it knows the next one. */
static bool finish_change(struct account *account, struct client *client, EVP_PKEY *next,
                          struct trouble *trouble)
{
    json_t *payload = json_pack("{s:b}", "onlyReturnExisting", 1);
    bool is_known = ask(account, client, next, payload, trouble);
    json_decref(payload);
    if (!is_known && strcmp(trouble->word, "accountDoesNotExist") != 0) {
        EVP_PKEY_free(next);
        return false;
    }
    if (is_known) {
        put_in_place(account);
        EVP_PKEY_free(account->key);
        account->key = next;
    } else {
        drop_next(account);
        EVP_PKEY_free(next);
    }
    *trouble = (struct trouble){0};
    return true;
}

static bool load_keys(struct account *account, struct client *client, struct trouble *trouble)
{
    bool is_there;
    account->key = load_key(account, ".pem", &is_there);
    if (!account->key && is_there)
        return complain_disk(account, "read (it is damaged, or of another user)", trouble);
    if (!account->key) {
        account->is_new = true;
        account->key = make_key(account, ".pem", trouble);
        return account->key != NULL;
    }
    EVP_PKEY *next = load_key(account, ".next.pem", &is_there);
    return !next || finish_change(account, client, next, trouble);
}

bool account_open(struct account *account, const struct account_options *options,
                  struct client *client, struct trouble *trouble)
{
    char email[EXCHANGE_FIELD_BYTES];
    *account = (struct account){.options = *options};
    set_name(options->directory_url, account->name);
    client->kid[0] = '\0';
    if (!load_keys(account, client, trouble))
        return false;
    client->key = account->key;
    load_facts(account, client->kid, email);
    if (!client->kid[0])
        return register_it(account, client, trouble);
    return strcmp(email, options->email) == 0 || change_contact(account, client, trouble);
}

void account_close(struct account *account)
{
    EVP_PKEY_free(account->key);
    account->key = NULL;
}

bool account_exists(const char *folder, const char *directory_url)
{
    char path[DISK_PATH_BYTES], name[64], file[80];
    set_name(directory_url, name);
    snprintf(file, sizeof(file), "%s.pem", name);
    return disk_join(path, folder, file) && access(path, F_OK) == 0;
}

/* ---- another key -------------------------------------------------------------------------------------------------- */

static json_t *make_inner(const struct account *account, const struct client *client)
{
    struct text key = TEXT_INIT;
    json_error_t problem;
    json_t *inner = NULL;
    if (jws_append_key(account->key, &key))
        inner = json_pack("{s:s, s:o}", "account", client->kid, "oldKey",
                          json_loadb(key.bytes, key.len, 0, &problem));
    text_fini(&key);
    return inner;
}

static bool ask_for_change(struct account *account, struct client *client, EVP_PKEY *next,
                           struct trouble *trouble)
{
    struct text text = TEXT_INIT;
    struct exchange_answer answer = {0};
    json_error_t problem;
    json_t *inner = make_inner(account, client), *outer = NULL;
    bool is_good = inner && client_append_inner(next, client->directory.key_change, inner, &text);
    if (is_good)
        outer = json_loadb(text.bytes, text.len, 0, &problem);
    struct client_request request = {.url = client->directory.key_change,
                                     .what = "another key for the account",
                                     .payload = outer};
    is_good = outer && client_post(client, &request, &answer, trouble);
    json_decref(inner);
    json_decref(outer);
    exchange_answer_fini(&answer);
    text_fini(&text);
    return is_good;
}

bool account_roll_over(struct account *account, struct client *client, struct trouble *trouble)
{
    if (!client->directory.key_change[0]) {
        trouble_say(trouble, TROUBLE_REFUSED,
                    "another key for the account: %s does not change keys", client->directory.host);
        return false;
    }
    EVP_PKEY *next = make_key(account, ".next.pem", trouble);
    if (!next)
        return false;
    if (!ask_for_change(account, client, next, trouble)) {
        if (trouble->kind == TROUBLE_REFUSED)
            drop_next(account);
        EVP_PKEY_free(next);
        return false;
    }
    put_in_place(account);
    EVP_PKEY_free(account->key);
    client->key = account->key = next;
    return true;
}
