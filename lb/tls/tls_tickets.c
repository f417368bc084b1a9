#include "lb/tls/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/tls/tls_tickets_state.h"

#define KEYS_MAX   3u
#define NAME_BYTES 16u

struct key {
    unsigned char name[NAME_BYTES], cipher[32], mac[32];
};

struct tls_tickets {
    pthread_mutex_t lock; /* of all below */
    struct key keys[KEYS_MAX];
    unsigned count;
    uint64_t made_ns; /* when the newest was; 0: not told yet */
    bool is_given;    /* by a file */
    EVP_CIPHER *cipher;
};

_Static_assert(sizeof(struct key) == TLS_TICKETS_KEY_BYTES, "a key is what a file has of it");

static bool make_key(struct tls_tickets *tickets)
{
    struct key fresh;
    if (RAND_bytes((unsigned char *)&fresh, sizeof(fresh)) != 1)
        return false;
    memmove(tickets->keys + 1, tickets->keys, sizeof(fresh) * (KEYS_MAX - 1));
    tickets->keys[0] = fresh;
    tickets->count += tickets->count < KEYS_MAX;
    OPENSSL_cleanse(&fresh, sizeof(fresh));
    return true;
}

struct tls_tickets *tls_tickets_new(void)
{
    struct tls_tickets *tickets = memory_new(sizeof(*tickets));
    pthread_mutex_init(&tickets->lock, NULL);
    tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    if (tickets->cipher && make_key(tickets))
        return tickets;
    tls_tickets_free(tickets);
    return NULL;
}

bool tls_tickets_set(struct tls_tickets *tickets, struct view keys, struct text *problem)
{
    size_t count = keys.len / sizeof(struct key);
    if (count < 1 || count > KEYS_MAX || keys.len % sizeof(struct key) != 0) {
        text_appendf(problem,
                     "it has %zu bytes: one to %u keys of %zu random bytes each are wanted, the "
                     "newest first",
                     keys.len, KEYS_MAX, sizeof(struct key));
        return false;
    }
    pthread_mutex_lock(&tickets->lock);
    OPENSSL_cleanse(tickets->keys, sizeof(tickets->keys));
    memcpy(tickets->keys, keys.ptr, keys.len);
    tickets->count = (unsigned)count;
    tickets->is_given = true;
    pthread_mutex_unlock(&tickets->lock);
    return true;
}

void tls_tickets_rotate(struct tls_tickets *tickets, uint64_t now_ns)
{
    uint64_t age_ns = (uint64_t)TLS_TICKETS_ROTATION_S * 1000000000u;
    pthread_mutex_lock(&tickets->lock);
    if (tickets->made_ns == 0)
        tickets->made_ns = now_ns;
    if (!tickets->is_given && now_ns - tickets->made_ns >= age_ns && make_key(tickets))
        tickets->made_ns = now_ns;
    pthread_mutex_unlock(&tickets->lock);
}

void tls_tickets_free(struct tls_tickets *tickets)
{
    if (!tickets)
        return;
    EVP_CIPHER_free(tickets->cipher);
    pthread_mutex_destroy(&tickets->lock);
    OPENSSL_cleanse(tickets, sizeof(*tickets));
    free(tickets);
}

/* The newest, or the one of that name. False: it is not there. */
static bool copy_key(struct tls_tickets *tickets, const unsigned char *name, struct key *out,
                     bool *is_newest)
{
    unsigned i = 0;
    pthread_mutex_lock(&tickets->lock);
    while (name && i < tickets->count && memcmp(tickets->keys[i].name, name, NAME_BYTES) != 0)
        i++;
    bool is_there = i < tickets->count;
    if (is_there)
        *out = tickets->keys[i];
    *is_newest = i == 0;
    pthread_mutex_unlock(&tickets->lock);
    return is_there;
}

static bool set_up(struct tls_tickets *tickets, struct key *key, unsigned char *iv,
                   EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool seals)
{
    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_CipherInit_ex2(cipher, tickets->cipher, key->cipher, iv, seals, NULL) == 1 &&
           EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int tls_tickets_choose(struct tls_tickets *tickets, unsigned char *name, unsigned char *iv,
                       EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool seals, bool is_used_once)
{
    struct key key;
    bool is_newest;
    if (!copy_key(tickets, seals ? NULL : name, &key, &is_newest))
        return TLS_TICKETS_UNKNOWN;
    if (seals)
        memcpy(name, key.name, NAME_BYTES);
    bool is_good = !seals || RAND_bytes(iv, EVP_CIPHER_get_iv_length(tickets->cipher)) == 1;
    is_good = is_good && set_up(tickets, &key, iv, cipher, mac, seals);
    OPENSSL_cleanse(&key, sizeof(key));
    if (!is_good)
        return TLS_TICKETS_FAILED;
    return seals || (is_newest && !is_used_once) ? TLS_TICKETS_USED : TLS_TICKETS_RENEWED;
}
