import Box from "@mui/material/Box";
import { Component } from "react";
import { common } from "../texts/common";
import { ErrorState } from "./States";

interface BoundaryState {
  error: unknown;
}

/** Keep a page that throws from taking the app with it. */
export class Boundary extends Component<{ children: React.ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render(): React.ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Box sx={{ p: 3 }} aria-label={common.crashed} role="region">
        <ErrorState error={this.state.error} retry={() => this.setState({ error: null })} />
      </Box>
    );
  }
}
