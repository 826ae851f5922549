import Box from "@mui/material/Box";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { ApiError } from "../api/problem";
import { meQuery } from "../api/queries/auth";
import { ErrorState, Loading } from "../shared/ui/States";

const SignInPage = lazy(() => import("../features/auth/SignInPage").then((m) => ({ default: m.SignInPage })));

/** Show the app to who is known, and the door to everybody else. */
export function RequireUser({ children }: { children: React.ReactNode }): React.ReactElement {
  const { data, error, refetch } = useQuery(meQuery());
  if (error instanceof ApiError && error.status === 401) {
    return (
      <Suspense fallback={null}>
        <SignInPage />
      </Suspense>
    );
  }
  if (data) return <>{children}</>;
  return (
    <Box sx={{ p: 4, maxWidth: 640, mx: "auto" }}>
      {error ? <ErrorState error={error} retry={() => void refetch()} /> : <Loading lines={6} />}
    </Box>
  );
}
