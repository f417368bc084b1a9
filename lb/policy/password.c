#include "lb/policy/password.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define MD5_BYTES  16u
#define SHA1_BYTES 20u

#define APR1_MAGIC "$apr1$"

/* Of two texts, however much of them is the same. */
static bool is_same(struct view a, struct view b)
{
    unsigned difference = a.len != b.len;
    for (size_t i = 0; i < a.len && i < b.len; i++)
        difference |= (unsigned)(a.ptr[i] ^ b.ptr[i]);
    return difference == 0;
}

/* ---- the forms that libcrypt knows ------------------------------------------------------------ */

static bool is_by_crypt(struct view hash, struct view password)
{
    char phrase[PASSWORD_BYTES_MAX + 1], setting[128];
    if (hash.len >= sizeof(setting))
        return false;
    memcpy(phrase, password.ptr, password.len);
    phrase[password.len] = '\0';
    memcpy(setting, hash.ptr, hash.len);
    setting[hash.len] = '\0';
    struct crypt_data *data = memory_new(sizeof(*data)); /* 32 KiB */
    const char *made = crypt_r(phrase, setting, data);
    bool is_right = made && made[0] == '$' && is_same(view_str(made), hash);
    explicit_bzero(phrase, sizeof(phrase));
    explicit_bzero(data, sizeof(*data));
    free(data);
    return is_right;
}

/* ---- Apache's MD5 ----------------------------------------------------------------------------- */

/* An MD5 over pieces; a step that fails makes all of it fail. */
struct md5 {
    EVP_MD_CTX *context;
    bool is_good;
};

static void begin(struct md5 *md5)
{
    md5->is_good = md5->is_good && EVP_DigestInit_ex(md5->context, EVP_md5(), NULL) == 1;
}

static void add(struct md5 *md5, const void *bytes, size_t len)
{
    md5->is_good = md5->is_good && EVP_DigestUpdate(md5->context, bytes, len) == 1;
}

static void add_view(struct md5 *md5, struct view bytes)
{
    add(md5, bytes.ptr, bytes.len);
}

static void end(struct md5 *md5, unsigned char out[MD5_BYTES])
{
    md5->is_good = md5->is_good && EVP_DigestFinal_ex(md5->context, out, NULL) == 1;
}

static void apr1_begin(struct md5 *md5, struct view password, struct view salt,
                       unsigned char digest[MD5_BYTES])
{
    begin(md5);
    add_view(md5, password);
    add_view(md5, salt);
    add_view(md5, password);
    end(md5, digest);
    begin(md5);
    add_view(md5, password);
    add_view(md5, VIEW(APR1_MAGIC));
    add_view(md5, salt);
    for (size_t left = password.len; left > 0; left -= left < MD5_BYTES ? left : MD5_BYTES)
        add(md5, digest, left < MD5_BYTES ? left : MD5_BYTES);
    for (size_t bits = password.len; bits > 0; bits >>= 1)
        add(md5, bits & 1 ? "" : password.ptr, 1);
    end(md5, digest);
}

static void apr1_round(struct md5 *md5, struct view password, struct view salt, unsigned round,
                       unsigned char digest[MD5_BYTES])
{
    struct view so_far = view_of((const char *)digest, MD5_BYTES);
    begin(md5);
    add_view(md5, round & 1 ? password : so_far);
    if (round % 3)
        add_view(md5, salt);
    if (round % 7)
        add_view(md5, password);
    add_view(md5, round & 1 ? so_far : password);
    end(md5, digest);
}

static char *put_digits(char *out, unsigned value, unsigned count)
{
    static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (; count > 0; count--, value >>= 6)
        *out++ = digits[value & 0x3F];
    return out;
}

static struct view apr1_format(const unsigned char digest[MD5_BYTES], char out[22])
{
    char *to = out;
    for (unsigned i = 0; i < 5; i++) {
        unsigned last = i < 4 ? i + 12 : 5;
        to = put_digits(to, (unsigned)digest[i] << 16 | (unsigned)digest[i + 6] << 8 | digest[last],
                        4);
    }
    to = put_digits(to, digest[11], 2);
    return view_of(out, (size_t)(to - out));
}

static bool is_by_apr1(struct view hash, struct view password)
{
    unsigned char digest[MD5_BYTES] = {0};
    char made[22];
    struct view wanted = view_skip(hash, sizeof(APR1_MAGIC) - 1);
    struct view salt = view_cut(&wanted, '$');
    struct md5 md5 = {.context = EVP_MD_CTX_new()};
    md5.is_good = md5.context != NULL;
    apr1_begin(&md5, password, salt, digest);
    for (unsigned i = 0; i < 1000 && md5.is_good; i++)
        apr1_round(&md5, password, salt, i, digest);
    EVP_MD_CTX_free(md5.context);
    return md5.is_good && is_same(apr1_format(digest, made), wanted);
}

/* ---- {SHA} ------------------------------------------------------------------------------------ */

static bool is_by_sha1(struct view hash, struct view password)
{
    unsigned char digest[SHA1_BYTES];
    unsigned char made[32];
    if (EVP_Digest(password.ptr, password.len, digest, NULL, EVP_sha1(), NULL) != 1)
        return false;
    int len = EVP_EncodeBlock(made, digest, SHA1_BYTES);
    return is_same(view_of((const char *)made, (size_t)len), view_skip(hash, 5));
}

bool password_is_right(const struct htpasswd_user *user, struct view password)
{
    if (password.len > PASSWORD_BYTES_MAX ||
        (password.len > 0 && memchr(password.ptr, '\0', password.len)))
        return false;
    if (user->form == HTPASSWD_APR1)
        return is_by_apr1(user->hash, password);
    if (user->form == HTPASSWD_SHA1)
        return is_by_sha1(user->hash, password);
    return is_by_crypt(user->hash, password);
}
