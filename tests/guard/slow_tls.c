/* Preloaded into a program: its handshakes of TLS never come to an end within a test. At the end of the program it says so on
 * standard error, if that is one that takes libraries down. API: SSL_connect of OpenSSL 3. */
#include <unistd.h>

#define PATIENCE_S 60

int SSL_connect(void *tls);

int SSL_connect(void *tls)
{
    unsigned left = PATIENCE_S;
    (void)tls;
    while (left > 0)
        left = sleep(left);
    return -1;
}

__attribute__((destructor)) static void say_end(void)
{
    static const char text[] = "libraries are taken down\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
}
