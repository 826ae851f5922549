{{- define "dyntables.selector" -}}
app.kubernetes.io/name: dyntables
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- define "dyntables.labels" -}}
{{ include "dyntables.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}
