#include "acme/challenge.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <unistd.h>

#include "acme/certificate.h"
#include "acme/private_key.h"

#define TOKEN_BYTES_MIN 8u
#define TOKEN_BYTES_MAX 200u

const char *challenge_word(enum challenge_kind kind)
{
    return kind == CHALLENGE_ALPN ? "tls-alpn-01" : "http-01";
}

bool challenge_is_token(const char *token)
{
    size_t len = token ? strnlen(token, TOKEN_BYTES_MAX + 1) : 0;
    for (size_t i = 0; i < len; i++)
        if (!((token[i] >= '0' && token[i] <= '9') || token[i] == '-' || token[i] == '_' ||
              (view_lower_char(token[i]) >= 'a' && view_lower_char(token[i]) <= 'z')))
            return false;
    return len >= TOKEN_BYTES_MIN && len <= TOKEN_BYTES_MAX;
}

static bool put_file(const struct challenge_desk *desk, enum challenge_kind kind, const char *file,
                     struct view bytes, struct trouble *trouble)
{
    const char *folder = kind == CHALLENGE_ALPN ? desk->alpn_folder : desk->http_folder;
    if (!disk_write(folder, file, bytes)) {
        trouble_say(trouble, TROUBLE_HERE,
                    "the challenge %s cannot be written in %s: %s; look at --acme-dir", file,
                    folder, strerror(errno));
        return false;
    }
    return !desk->sharing ||
           sharing_put(desk->sharing, kind == CHALLENGE_ALPN ? SHARING_ALPN : SHARING_CHALLENGE,
                       file, bytes, trouble);
}

static bool put_certificate(const struct challenge_desk *desk, const char *name,
                            struct view authorization, struct trouble *trouble)
{
    unsigned char digest[32];
    char file[300];
    struct text pem = TEXT_INIT;
    snprintf(file, sizeof(file), "%s.pem", name);
    bool is_good =
        EVP_Digest(authorization.ptr, authorization.len, digest, NULL, EVP_sha256(), NULL) &&
        certificate_append_alpn(name, digest, &pem);
    if (!is_good)
        trouble_say(trouble, TROUBLE_HERE, "%s: no certificate for the challenge can be made here",
                    name);
    is_good = is_good && put_file(desk, CHALLENGE_ALPN, file, text_view(&pem), trouble);
    private_key_forget(&pem);
    return is_good;
}

bool challenge_put(const struct challenge_desk *desk, enum challenge_kind kind, const char *name,
                   const char *token, struct view authorization, struct trouble *trouble)
{
    if (kind == CHALLENGE_ALPN)
        return put_certificate(desk, name, authorization, trouble);
    return put_file(desk, kind, token, authorization, trouble);
}

void challenge_remove(const struct challenge_desk *desk, enum challenge_kind kind, const char *name,
                      const char *token)
{
    char file[300], path[DISK_PATH_BYTES];
    if (kind == CHALLENGE_ALPN)
        snprintf(file, sizeof(file), "%s.pem", name);
    else
        snprintf(file, sizeof(file), "%s", token);
    if (disk_join(path, kind == CHALLENGE_ALPN ? desk->alpn_folder : desk->http_folder, file))
        unlink(path);
    if (desk->sharing)
        sharing_remove(desk->sharing, kind == CHALLENGE_ALPN ? SHARING_ALPN : SHARING_CHALLENGE,
                       file);
}

static void empty_folder(const char *folder)
{
    char path[DISK_PATH_BYTES];
    DIR *open = opendir(folder);
    const struct dirent *entry;
    while (open && (entry = readdir(open)) != NULL)
        if (entry->d_type == DT_REG && disk_join(path, folder, entry->d_name))
            unlink(path);
    if (open)
        closedir(open);
}

void challenge_sweep(const struct challenge_desk *desk)
{
    empty_folder(desk->http_folder);
    empty_folder(desk->alpn_folder);
}
