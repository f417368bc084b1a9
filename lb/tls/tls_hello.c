#include "lb/tls/tls_hello.h"

#include <openssl/ssl.h>

#include "lb/base/view.h"

#define CHALLENGE                                                                                  \
    VIEW("\x0a"                                                                                    \
         "acme-tls/1")

/* Cuts a number of `bytes` bytes off. False: it is shorter. */
static bool cut_number(struct view *rest, unsigned bytes, size_t *out)
{
    if (rest->len < bytes)
        return false;
    *out = 0;
    for (unsigned i = 0; i < bytes; i++)
        *out = *out << 8 | (unsigned char)rest->ptr[i];
    *rest = view_skip(*rest, bytes);
    return true;
}

/* Of a length and so many bytes; nothing may follow. */
static bool open_list(struct view *rest)
{
    size_t len;
    return cut_number(rest, 2, &len) && len == rest->len;
}

static struct view extension(SSL *ssl, unsigned type)
{
    const unsigned char *bytes = NULL;
    size_t len = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &bytes, &len) != 1)
        return view_of(NULL, 0);
    return view_of((const char *)bytes, len);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static bool take_name(struct tls_hello *hello, struct view name)
{
    if (name.len > 0 && name.ptr[name.len - 1] == '.')
        name.len--;
    if (name.len == 0 || name.len >= TLS_HELLO_NAME_BYTES - 2 || name.ptr[0] == '.' ||
        name.ptr[name.len - 1] == '.')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        hello->name[i] = view_lower_char(name.ptr[i]);
        if (!is_name_char(hello->name[i]) ||
            (i > 0 && name.ptr[i] == '.' && name.ptr[i - 1] == '.'))
            return false;
    }
    hello->name_len = name.len;
    return true;
}

/* RFC 6066 § 3: a list of names, of which only one type was ever defined, so that it has one. */
static bool read_name(SSL *ssl, struct tls_hello *hello)
{
    struct view rest = extension(ssl, TLSEXT_TYPE_server_name);
    size_t type, len;
    if (!rest.ptr)
        return true;
    return open_list(&rest) && cut_number(&rest, 1, &type) && type == TLSEXT_NAMETYPE_host_name &&
           cut_number(&rest, 2, &len) && len == rest.len && take_name(hello, rest);
}

static bool offers_challenge_alone(SSL *ssl)
{
    struct view rest = extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation);
    return rest.ptr && open_list(&rest) && view_eq(rest, CHALLENGE);
}

bool tls_hello_read(SSL *ssl, struct tls_hello *hello)
{
    hello->name_len = 0;
    hello->is_challenge = offers_challenge_alone(ssl);
    return read_name(ssl, hello);
}
