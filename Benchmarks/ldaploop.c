// The directory's own limit: threads that each search for a user and bind as the entry, on two kept connections.
// usage: ldaploop URL USERS THREADS SECONDS: prints logins a second. User N is "uN" with the password "pN".
#include <ldap.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *url;
static int users;
static atomic_long logins;
static atomic_int stopping;

static LDAP *open_as(const char *name, const char *password) {
    LDAP *handle;
    int version = LDAP_VERSION3;
    if (ldap_initialize(&handle, url) != LDAP_SUCCESS) exit(1);
    ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version);
    struct berval secret = {strlen(password), (char *)password};
    if (name && ldap_sasl_bind_s(handle, name, NULL, &secret, NULL, NULL, NULL) != LDAP_SUCCESS) exit(1);
    return handle;
}

static void *loop(void *argument) {
    unsigned seed = (unsigned)(long)argument;
    LDAP *search = open_as("cn=latchkey,dc=example,dc=org", "service-password"), *bind = open_as(NULL, "");
    char *attributes[] = {"uid", "cn", "mail", NULL};
    while (!stopping) {
        int user = rand_r(&seed) % users;
        char filter[64], password[32];
        snprintf(filter, sizeof filter, "(uid=u%d)", user);
        snprintf(password, sizeof password, "p%d", user);
        LDAPMessage *answer;
        if (ldap_search_ext_s(search, "ou=Users,dc=example,dc=org", LDAP_SCOPE_SUBTREE, filter, attributes, 0, NULL, NULL,
                              NULL, 2, &answer) != LDAP_SUCCESS)
            exit(1);
        char *name = ldap_get_dn(search, ldap_first_entry(search, answer));
        struct berval secret = {strlen(password), password};
        if (ldap_sasl_bind_s(bind, name, NULL, &secret, NULL, NULL, NULL) != LDAP_SUCCESS) exit(1);
        ldap_memfree(name);
        ldap_msgfree(answer);
        logins++;
    }
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 5) return 2;
    url = arguments[1];
    users = atoi(arguments[2]);
    int threads = atoi(arguments[3]), seconds = atoi(arguments[4]);
    for (long i = 0; i < threads; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, loop, (void *)(i + 1));
    }
    // The connections are made in the first second.
    struct timespec second = {1, 0};
    nanosleep(&second, NULL);
    long before = logins;
    struct timespec time = {seconds, 0};
    nanosleep(&time, NULL);
    printf("%.1f\n", (double)(logins - before) / seconds);
    stopping = 1;
    fflush(stdout);
    _Exit(0);
}
