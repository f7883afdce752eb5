// Looks keys up in a loop, as plainly as libpq lets one: pqloop CONNECTIONS SECONDS KEYS. Prints look-ups a second.
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static atomic_long done;
static double end;
static long keys;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *loop(void *argument) {
    PGconn *connection = PQconnectdb("");
    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(connection));
        exit(1);
    }
    PQclear(PQprepare(connection, "find", "SELECT * FROM api_key WHERE digest = sha256(lpad(to_hex($1::bigint), 32, '0')::bytea)", 1, NULL));
    unsigned seed = (unsigned)(long)argument;
    while (now() < end) {
        char text[32];
        snprintf(text, sizeof text, "%ld", 1 + rand_r(&seed) % keys);
        const char *values[] = {text};
        PGresult *result = PQexecPrepared(connection, "find", 1, values, NULL, NULL, 0);
        if (PQntuples(result) != 1) exit(1);
        PQclear(result);
        atomic_fetch_add(&done, 1);
    }
    PQfinish(connection);
    return NULL;
}

int main(int count, char **words) {
    if (count != 4) return 2;
    int threads = atoi(words[1]);
    double seconds = atof(words[2]);
    keys = atol(words[3]);
    end = now() + seconds;
    pthread_t all[64];
    for (long i = 0; i < threads; i++) pthread_create(&all[i], NULL, loop, (void *)(i + 1));
    for (int i = 0; i < threads; i++) pthread_join(all[i], NULL);
    printf("%.0f\n", done / seconds);
}
