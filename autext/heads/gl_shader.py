"""The shaders of the OpenGL renderer, GLSL 3.30. Lengths are decimeters, colors are linear until the last line."""

POSE = """
in vec3 position; in vec3 normal; in vec2 uv; in float openness; in float turn; in vec2 face; in float label;
uniform mat3 spin; uniform vec3 pivot; uniform mat4 view_projection;
vec3 turned(vec3 p) { return mix(p, spin * (p - pivot) + pivot, turn); }
vec3 turned_direction(vec3 d) { return normalize(mix(d, spin * d, turn)); }
"""
"""What every vertex shader begins with: the turn of the head, which the neck shares."""

PICTURE_VERTEX = f"""#version 330
{POSE}
uniform mat4 light_projection;
out vec3 P; out vec3 N; out vec3 UP; out vec2 T; out vec2 F; out float O; out vec3 S;
void main() {{
    P = turned(position); N = turned_direction(normal); UP = turned_direction(vec3(0, 1, 0));
    T = uv; F = face; O = openness;
    S = (light_projection * vec4(P, 1)).xyz * 0.5 + 0.5;
    gl_Position = view_projection * vec4(P, 1);
}}"""

_PICTURE_FRAGMENT = """
in vec3 P; in vec3 N; in vec3 UP; in vec2 T; in vec2 F; in float O; in vec3 S;
uniform sampler2D albedo; uniform sampler2D shadow_map; uniform sampler2D wrinkles;
uniform vec3 eye, key_direction, key_color, rim_direction, rim_color;
uniform vec3 sh[9];                    // irradiance / pi: 1 makes a white wall white
uniform vec3 color, mean_texel;        // albedo where the picture has its mean color, and that mean
uniform float contrast, hue;           // how much of the picture's contrast and hue is kept
uniform float roughness, specular, scatter, cut, least, catchlight, wrinkled;
uniform int alpha_mode;                // 0 opaque, 1 hard cut, 2 blend, 3 cornea: highlights over a clear surface
out vec4 result;

float lit() {                          // percentage-closer filter with five taps
    float z = S.z - 0.0035, sum = z < textureLod(shadow_map, S.xy, 0.0).r ? 1.0 : 0.0;
    sum += z < textureLod(shadow_map, S.xy + vec2(0.0012, 0.0027), 0.0).r ? 1.0 : 0.0;
    sum += z < textureLod(shadow_map, S.xy + vec2(-0.0012, -0.0027), 0.0).r ? 1.0 : 0.0;
    sum += z < textureLod(shadow_map, S.xy + vec2(-0.0027, 0.0012), 0.0).r ? 1.0 : 0.0;
    sum += z < textureLod(shadow_map, S.xy + vec2(0.0027, -0.0012), 0.0).r ? 1.0 : 0.0;
    return 0.2 * sum;
}
vec3 ambient(vec3 n) {
    return max(vec3(0), sh[0] + sh[1] * n.y + sh[2] * n.z + sh[3] * n.x + sh[4] * n.x * n.y + sh[5] * n.y * n.z
        + sh[6] * (3.0 * n.z * n.z - 1.0) + sh[7] * n.x * n.z + sh[8] * (n.x * n.x - n.y * n.y));
}
float gloss(vec3 n, vec3 v, vec3 l, float r) {   // Blinn-Phong lobe with Schlick's Fresnel term
    vec3 h = normalize(v + l);
    float power = 2.0 / (r * r * r * r) - 2.0, f = 0.04 + 0.96 * pow(1.0 - max(dot(v, h), 0.0), 5.0);
    return (power + 8.0) / 25.0 * pow(max(dot(n, h), 0.0), power) * f * max(dot(n, l), 0.0);
}
vec3 diffuse(vec3 n, vec3 deep, vec3 l) {        // red light scatters farthest, so it sees blunter folds
    vec3 w = vec3(0.35, 0.14, 0.08) * scatter;
    vec3 facing = mix(vec3(dot(n, l)), vec3(dot(deep, l), 0.5 * (dot(n, l) + dot(deep, l)), dot(n, l)), scatter);
    return clamp((facing + w) / (1.0 + w), 0.0, 1.0);
}
void main() {
    vec4 texel = texture(albedo, T);
#ifdef SEE_THROUGH
    if (texel.a < cut) discard;
#endif
    vec3 ratio = pow(texel.rgb, vec3(2.2)) / mean_texel;
    ratio = mix(vec3(dot(ratio, vec3(0.3, 0.5, 0.2))), ratio, hue);
    vec3 base = color * pow(max(ratio, vec3(1e-4)), vec3(contrast));
    vec3 smoothed = normalize(N), n = smoothed, v = normalize(eye - P);
    float open = mix(least, 1.0, O);
#ifndef SEE_THROUGH
    if (wrinkled > 0.0) {
        vec3 fold = texture(wrinkles, F).rgb * vec3(2, 2, 1) - vec3(1.00392, 1.00392, 0);
        vec3 left = normalize(cross(UP, smoothed));
        n = normalize(smoothed - wrinkled * (fold.x * left + fold.y * cross(smoothed, left)));
        base *= 1.0 - fold.z * vec3(0.44, 0.58, 0.62);
    }
#endif
    if (dot(n, v) < 0.0) { n = -n; smoothed = -smoothed; }
    float s = mix(1.0, lit(), 0.92);
    vec3 bleed = pow(vec3(open), vec3(0.7, 1.0, 1.1));
    vec3 deep = normalize(mix(n, smoothed, 0.7));
    vec3 sum = base * (ambient(n) * bleed + key_color * diffuse(n, deep, key_direction) * s * mix(1.0, open, 0.5)
                       + rim_color * diffuse(n, deep, rim_direction) * open);
    float edge = pow(1.0 - max(dot(n, v), 0.0), 5.0);
    vec3 shine = specular * open * (key_color * gloss(n, v, key_direction, roughness) * s
                 + rim_color * gloss(n, v, rim_direction, roughness)
                 + 0.25 * ambient(reflect(-v, n)) * (0.04 + 0.6 * edge));
    shine += catchlight * smoothstep(0.972, 0.985, dot(reflect(-v, n), normalize(vec3(-0.35, 0.5, 0.8)))) * 0.6;
    sum += shine;
    sum = pow(sum / (1.0 + 0.18 * sum), vec3(1.0 / 2.2));
    float a = alpha_mode < 2 ? 1.0 : texel.a;
    if (alpha_mode == 3) a = clamp(a + max(shine.r, max(shine.g, shine.b)), 0.0, 1.0);
    result = vec4(clamp(sum, 0.0, 1.0), a);
}"""
OPAQUE_FRAGMENT = "#version 330\n" + _PICTURE_FRAGMENT
"""For surfaces without holes, whose hidden places need not be shaded."""

SEE_THROUGH_FRAGMENT = "#version 330\n#define SEE_THROUGH\n" + _PICTURE_FRAGMENT
"""For surfaces whose picture has transparent places."""

SHADOW_VERTEX = f"""#version 330
{POSE}
out vec2 T;
void main() {{ T = uv; gl_Position = view_projection * vec4(turned(position), 1); }}"""

SHADOW_FRAGMENT = """#version 330
in vec2 T; uniform sampler2D albedo; uniform int alpha_mode;
void main() { if (alpha_mode > 0 && texture(albedo, T).a < 0.5) discard; }"""

MAPS_VERTEX = f"""#version 330
{POSE}
out vec3 P; out vec3 N; out vec2 T; flat out float L;
void main() {{
    P = turned(position); N = turned_direction(normal); T = uv; L = label;
    gl_Position = view_projection * vec4(P, 1);
}}"""

MAPS_FRAGMENT = """#version 330
in vec3 P; in vec3 N; in vec2 T; flat in float L;
uniform sampler2D albedo; uniform vec3 eye; uniform int alpha_mode; uniform float cut;
layout(location = 0) out vec4 surface; layout(location = 1) out float part;
void main() {
    if (alpha_mode > 0 && texture(albedo, T).a < cut) discard;
    vec3 n = normalize(N);
    if (dot(n, eye - P) < 0.0) n = -n;
    surface = vec4(n, eye.z - P.z);
    part = L;
}"""

BACKGROUND_VERTEX = """#version 330
in vec2 corner; out vec2 C;
void main() { C = corner; gl_Position = vec4(corner, 0.9999, 1); }"""

BACKGROUND_FRAGMENT = """#version 330
in vec2 C; uniform sampler2D panorama; uniform vec3 color; uniform float share, width, turn, gain; out vec4 result;
void main() {
    vec3 plain = pow(color, vec3(2.2)) * (1.05 - 0.3 * dot(C, C) * 0.5 + 0.12 * C.y);
    vec3 d = normalize(vec3(C * width, -1));      // what is behind the head, as the camera sees it
    vec2 place = vec2(atan(d.x, d.z) / 6.2831853 + turn, 0.5 + asin(d.y) / 3.14159265);
    vec3 seen = gain * textureLod(panorama, place, 2.3).rgb;
    vec3 sum = mix(plain, seen / (1.0 + 0.6 * seen), share);
    result = vec4(pow(clamp(sum, 0.0, 1.0), vec3(1.0 / 2.2)), 1);
}"""
