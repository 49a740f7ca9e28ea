/* A plain tape for scalars: what one writes in C to run a recorded graph forward and backward.

   Slots hold numbers: first the leaves, then what each operation gives, in order. An operation is one
   byte; its operands are slots, listed one operation after the other. Sums and products are nearly all
   there is, so they are asked for first; a switch alone is mispredicted so often that it takes twice as long. */

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { ADD, SUB, MUL, DIV, POW, EXP, LOG, RELU, SOFTPLUS, SUM4, SOFTMAX4 };

static const int operands[] = {2, 2, 2, 2, 2, 1, 1, 1, 1, 4, 4};
static const int results[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4};

static void forward(long n_operations, long n_leaves, const uint8_t *op, const int32_t *x, double *v)
{
    double *out = v + n_leaves;
    for (long i = 0; i < n_operations; i++) {
        if (op[i] == MUL) {
            *out++ = v[x[0]] * v[x[1]];
            x += 2;
            continue;
        }
        if (op[i] == ADD) {
            *out++ = v[x[0]] + v[x[1]];
            x += 2;
            continue;
        }
        switch (op[i]) {
        case SUB: out[0] = v[x[0]] - v[x[1]]; break;
        case DIV: out[0] = v[x[0]] / v[x[1]]; break;
        case POW: out[0] = pow(v[x[0]], v[x[1]]); break;
        case EXP: out[0] = exp(v[x[0]]); break;
        case LOG: out[0] = log(v[x[0]]); break;
        case RELU: out[0] = v[x[0]] > 0 ? v[x[0]] : 0; break;
        case SOFTPLUS: out[0] = fmax(v[x[0]], 0) + log1p(exp(-fabs(v[x[0]]))); break;
        case SUM4: out[0] = v[x[0]] + v[x[1]] + v[x[2]] + v[x[3]]; break;
        case SOFTMAX4: {
            double top = fmax(fmax(v[x[0]], v[x[1]]), fmax(v[x[2]], v[x[3]])), sum = 0;
            for (int j = 0; j < 4; j++) sum += out[j] = exp(v[x[j]] - top);
            for (int j = 0; j < 4; j++) out[j] /= sum;
            break;
        }
        }
        x += operands[op[i]];
        out += results[op[i]];
    }
}

/* Each gradient is set back to 0 once it was passed on: a memset of them all takes as long as everything else. */
static void backward(long n_operations, const uint8_t *op, const int32_t *x, const double *v, double *g, long slot)
{
    for (long i = n_operations - 1; i >= 0; i--) {
        x -= operands[op[i]];
        slot -= results[op[i]];
        double up = g[slot];
        g[slot] = 0;
        if (op[i] == MUL) {
            g[x[0]] += up * v[x[1]];
            g[x[1]] += up * v[x[0]];
            continue;
        }
        if (op[i] == ADD) {
            g[x[0]] += up;
            g[x[1]] += up;
            continue;
        }
        switch (op[i]) {
        case SUB: g[x[0]] += up; g[x[1]] -= up; break;
        case DIV: g[x[0]] += up / v[x[1]]; g[x[1]] -= up * v[slot] / v[x[1]]; break;
        case POW: g[x[0]] += up * v[x[1]] * v[slot] / v[x[0]]; break; /* the exponent is a constant */
        case EXP: g[x[0]] += up * v[slot]; break;
        case LOG: g[x[0]] += up / v[x[0]]; break;
        case RELU: g[x[0]] += v[x[0]] > 0 ? up : 0; break;
        case SOFTPLUS: g[x[0]] += up / (1 + exp(-v[x[0]])); break;
        case SUM4: for (int j = 0; j < 4; j++) g[x[j]] += up; break;
        case SOFTMAX4: {
            double mean = up * v[slot];
            g[slot] = up;
            for (int j = 1; j < 4; j++) mean += g[slot + j] * v[slot + j];
            for (int j = 0; j < 4; j++) g[x[j]] += v[slot + j] * (g[slot + j] - mean);
            g[slot] = g[slot + 1] = g[slot + 2] = g[slot + 3] = 0;
            break;
        }
        }
    }
}

/* `times` runs forward and backward: the last slot is the loss; `gradients` (0 at first) are those of the leaves. */
double run(long times, long n_operations, long n_leaves, long n_slots, const uint8_t *op, const int32_t *x,
           long n_operands, double *values, double *gradients)
{
    for (long t = 0; t < times; t++) {
        forward(n_operations, n_leaves, op, x, values);
        memset(gradients, 0, n_leaves * sizeof(double));
        gradients[n_slots - 1] = 1;
        backward(n_operations, op, x + n_operands, values, gradients, n_slots);
    }
    return values[n_slots - 1];
}

/* The most multiply-adds a second: 12 independent chains of 64-byte vectors; gives how many one turn does. */
typedef double doubles __attribute__((vector_size(64)));
typedef float floats __attribute__((vector_size(64)));

#define PEAK(name, number, vector)                                                                    \
    long name(long turns, number *sink)                                                               \
    {                                                                                                 \
        vector a[12], factor, term;                                                                   \
        long width = sizeof(vector) / sizeof(number);                                                 \
        for (long j = 0; j < width; j++) factor[j] = sink[0], term[j] = sink[1];                      \
        for (int k = 0; k < 12; k++) a[k] = term * (number)k;                                         \
        for (long i = 0; i < turns; i++)                                                              \
            for (int k = 0; k < 12; k++) a[k] = a[k] * factor + term;                                 \
        for (int k = 1; k < 12; k++) a[0] += a[k];                                                    \
        for (long j = 0; j < width; j++) sink[0] += a[0][j];                                          \
        return 12 * width;                                                                            \
    }

PEAK(peak_float64, double, doubles)
PEAK(peak_float32, float, floats)
